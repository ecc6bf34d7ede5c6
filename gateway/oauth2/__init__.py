"""OAuth 2.0: the gateway as a client of an authorization server."""

TYPES = (
    "ClientSecretBasicAuthenticationFilter",
    "ClientSecretPostAuthenticationFilter",
    "OAuth2TokenExchangeFilter",
)
