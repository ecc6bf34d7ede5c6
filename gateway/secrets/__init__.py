"""Secrets: stores, formats and the queries over them. Values are in `secret`, queries in `base`."""

TYPES = (
    "SecretsProvider",
    "SystemAndEnvSecretStore",
    "FileSystemSecretStore",
    "Base64EncodedSecretStore",
    "KeyStoreSecretStore",
    "JwkSetSecretStore",
    "Base64PropertyFormat",
    "PlainPropertyFormat",
    "PemPropertyFormat",
    "SecretKeyPropertyFormat",
    "JwkPropertyFormat",
)
