"""Findings about secrets and certificates."""

from __future__ import annotations

from expr.diagnostic import Code, Severity, declare

SECRET_UNAVAILABLE = declare(
    Code(
        "GW320",
        "secret-unavailable",
        "a keystore, a directory of secrets or the key of a port that cannot be read when the gateway starts",
        "Keystores and directories are opened, and the keys of TLS ports fetched, when the gateway or a route starts: "
        "what would fail at the first request is told before there is one. Check the path, the type and the password.",
    )
)
REVOCATION_NOT_CHECKED = declare(
    Code(
        "GW609",
        "revocation-not-checked",
        "a trust manager that asks for a check of revocation, which this gateway does not make",
        "Chains, validity and names of certificates are verified, but neither revocation lists nor OCSP are asked: a "
        "certificate that its authority revoked is accepted until it expires. Trust an authority of your own that "
        "issues short-lived certificates, or only named peers with `verificationSecretId`: a trusted certificate that "
        "is removed from its file is refused within seconds. Write `checkRevocation` false to say that this is known.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"handler": {"type": "ReverseProxyHandler", "config": {"tls": {"type": "ClientTlsOptions", "config": '
        '{"trustManager": {"type": "SecretsTrustManager", "config": {"certificateVerificationSecretId": "ca", '
        '"secretsProvider": {"type": "SystemAndEnvSecretStore"}}}}}}}}',
        good='{"handler": {"type": "ReverseProxyHandler", "config": {"tls": {"type": "ClientTlsOptions", "config": '
        '{"trustManager": {"type": "SecretsTrustManager", "config": {"certificateVerificationSecretId": "ca", '
        '"checkRevocation": false, "secretsProvider": {"type": "SystemAndEnvSecretStore"}}}}}}}}',
    )
)
