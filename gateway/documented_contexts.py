"""The contexts that PingGateway 2026 documents, and the types that provide each, run here or not.

Lint names them when an expression reads a context that nothing before it provides.
"""

from __future__ import annotations

PROVIDERS: dict[str, tuple[str, ...]] = {
    "AuthRedirectAwareContext": ("FragmentFilter", "DataPreservationFilter"),
    "capturedPassword": ("CapturedUserPasswordFilter",),
    "cdsso": ("CrossDomainSingleSignOnFilter",),
    "cdssoFailure": ("CrossDomainSingleSignOnFilter",),
    "certificateThumbprint": ("CertificateThumbprintFilter",),
    "FapiApiClient": ("FapiDcrFilterChain", "FapiResourceFilterChain"),
    "FapiClientCertificate": ("FapiResourceFilterChain", "FapiTokenFilterChain"),
    "interactionIdFapiContext": ("FapiInteractionIdFilter",),
    "FapiRegistrationRequest": ("FapiDcrFilterChain",),
    "fileAttributes": ("FileAttributesFilter",),
    "identityRequestJwt": ("IdentityAssertionHandler",),
    "idpSelectionLogin": ("AuthorizationCodeOAuth2ClientFilter",),
    "jwtBuilder": ("JwtBuilderFilter",),
    "jwtValidation": ("JwtValidationFilter", "IdTokenValidationFilter"),
    "jwtValidationError": ("JwtValidationFilter", "IdTokenValidationFilter"),
    "mcp": ("McpValidationFilter", "McpProtectionFilter"),
    "oauth2": ("OAuth2ResourceServerFilter",),
    "oauth2Failure": ("AuthorizationCodeOAuth2ClientFilter", "OAuth2TokenExchangeFilter"),
    "oauth2Info": ("AuthorizationCodeOAuth2ClientFilter",),
    "oauth2TokenExchange": ("OAuth2TokenExchangeFilter",),
    "oauth2Session": ("AuthorizationCodeOAuth2ClientFilter",),
    "pingOneProtect": ("PingOneProtectEvaluationFilter",),
    "pingOneProtectProfile": ("PingOneProtectEvaluationFilter",),
    "policyDecision": ("PolicyEnforcementFilter",),
    "samlFailure": ("SamlFederationFilter",),
    "amSession": ("SessionInfoFilter",),
    "sqlAttributes": ("SqlAttributesFilter",),
    "ssoToken": ("SingleSignOnFilter", "CrossDomainSingleSignOnFilter"),
    "sts": ("TokenTransformationFilter",),
    "userProfile": ("UserProfileFilter",),
}
