"""Properties that PingGateway 2026 no longer has and old files still set, by type, with what to write instead.

A type that runs here declares its own (`removed`), and a test holds that it declares at least these.
"""

from __future__ import annotations

from config.successor import Renamed

_AM_SERVICE = "declare an AmService, and refer to it in amService (removed before 7.2)"
_CLIENT = "declare an OAuth 2.0 client authentication filter in the endpointHandler (removed in 2025.3)"
_TLS = "use tls with a ClientTlsOptions"

REMOVED_PROPERTIES: dict[str, dict[str, str]] = {
    "AuditService": {"event-handlers": Renamed("eventHandlers", "2024.3")},
    "AuthorizationCodeOAuth2ClientFilter": {
        "target": "read contexts.oauth2Info in place of the target (removed in 2026.3)",
    },
    "ClientCredentialsOAuth2ClientFilter": {
        "handler": Renamed("endpointHandler", "2025.3"),
        "clientSecretId": _CLIENT,
        "secretsProvider": _CLIENT,
    },
    "ClientHandler": dict.fromkeys(("hostnameVerifier", "trustManager", "keyManager", "sslContextAlgorithm"), _TLS),
    "ClientRegistration": {
        **dict.fromkeys(
            (
                "clientSecretUsage",
                "jwtExpirationTimeout",
                "privateKeyJwtSecretId",
                "tokenEndpointAuthMethod",
                "tokenEndpointAuthSigningAlg",
            ),
            "use a client authentication filter in authenticatedRegistrationHandler (removed in 2025.3)",
        ),
    },
    "CsvAuditEventHandler": {"security": "tamper-evident files are gone (removed in 2025.3)"},
    "JwtSessionManager": dict.fromkeys(
        ("alias", "keystore", "password", "sharedSecret", "cookieName", "cookieDomain"),
        "use cookie and secretsProvider",
    ),
    "KeyStoreSecretStore": dict.fromkeys(
        ("storePassword", "keyEntryPassword"), "use the property with SecretId in its name (removed in 2026.3)"
    ),
    "HsmSecretStore": {"storePassword": "use storePasswordSecretId (removed in 2026.3)"},
    "OAuth2ResourceServerFilter": {
        "tokenInfoEndpoint": "use an accessTokenResolver (removed before 7.2)",
        "providerHandler": "it is a property of the accessTokenResolver (removed before 7.2)",
    },
    "PasswordReplayFilter": {"headerDecryption": "use CapturedUserPasswordFilter (removed in 2024.3)"},
    "PolicyEnforcementFilter": {
        **dict.fromkeys(("openamUrl", "pepUsername", "pepPassword", "amHandler"), _AM_SERVICE),
        "useLegacyAdviceEncoding": "remove it (removed in 2026.3)",
    },
    "ReverseProxyHandler": dict.fromkeys(
        ("hostnameVerifier", "trustManager", "keyManager", "sslContextAlgorithm"), _TLS
    ),
    "SingleSignOnFilter": {
        "openamUrl": _AM_SERVICE,
        "cookieName": "it is ssoTokenHeader of the AmService (removed before 7.2)",
        "logoutEndpoint": "write a condition on the request in logoutExpression (removed in 2024.3)",
    },
    "StaticResponseHandler": {"version": "remove it (removed in 7.2)"},
    "TokenTransformationFilter": {"openamUri": _AM_SERVICE, "openamUrl": _AM_SERVICE},
}
