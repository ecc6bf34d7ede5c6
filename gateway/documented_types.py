"""Names of the object types that PingGateway 2026 documents, by group, and of those that it has removed.

Lint tells a documented type that this version does not run (`unsupported-type`) from one that does not exist.
"""

from __future__ import annotations

GROUPS: dict[str, str] = {
    "handlers": """
        Chain ClientHandler DispatchHandler ForgeRockClientHandler IdentityAssertionHandler JwkSetHandler
        PingOneProtectThreatLevelRoutingHandler ResourceHandler ReverseProxyHandler Route Router
        ScriptableHandler SequenceHandler StaticResponseHandler
    """,
    "filters, general": """
        AllowOnlyFilter AssignmentFilter CertificateThumbprintFilter ChainOfFilters CircuitBreakerFilter
        ConditionEnforcementFilter ConditionalFilter CookieFilter CorsFilter CsrfFilter DataPreservationFilter
        DateHeaderFilter EntityExtractFilter FapiInteractionIdFilter FileAttributesFilter
        ForwardedRequestFilter FragmentFilter HeaderFilter HttpBasicAuthFilter
        HttpBasicAuthenticationClientFilter JwtBuilderFilter JwtValidationFilter LocationHeaderFilter
        PasswordReplayFilter ScriptableFilter SetCookieUpdateFilter SqlAttributesFilter StaticRequestFilter
        SwitchFilter ThrottlingFilter TransactionIdOutboundFilter UriPathRewriteFilter
    """,
    "filters, MCP": "McpAuditFilter McpProtectionFilter McpValidationFilter",
    "filters, OAuth 2.0 and OpenID Connect": """
        AuthorizationCodeOAuth2ClientFilter ClientCredentialsOAuth2ClientFilter
        ClientSecretBasicAuthenticationFilter ClientSecretPostAuthenticationFilter
        EncryptedPrivateKeyJwtClientAuthenticationFilter GrantSwapJwtAssertionOAuth2ClientFilter
        IdTokenValidationFilter OAuth2ResourceServerFilter OAuth2TokenExchangeFilter
        PrivateKeyJwtClientAuthenticationFilter ResourceOwnerOAuth2ClientFilter UmaFilter
    """,
    "filters, AM": """
        AmSessionIdleTimeoutFilter CapturedUserPasswordFilter CrossDomainSingleSignOnFilter
        PolicyEnforcementFilter SessionInfoFilter SingleSignOnFilter TokenTransformationFilter
        UserProfileFilter
    """,
    "filters, PingOne, PingAuthorize, SAML": """
        PingAuthorizeFilter PingOneApiAccessManagementFilter PingOneProtectEvaluationFilter
        PingOneProtectFeedbackFailureFilter PingOneProtectFeedbackSuccessFilter SamlFederationFilter
    """,
    "filters, FAPI chains": """
        FapiAuthorizeFilterChain FapiDcrFilterChain FapiParFilterChain FapiPassThroughFilterChain
        FapiResourceFilterChain FapiResourceUnprotectedFilterChain FapiTokenFilterChain
        FapiWellKnownFilterChain
    """,
    "decorators": "BaseUriDecorator CaptureDecorator TimerDecorator TracingDecorator",
    "secrets": """
        Base64EncodedSecretStore FileSystemSecretStore HsmSecretStore JwkPropertyFormat JwkSetSecretStore
        KeyStoreSecretStore PemPropertyFormat SecretKeyPropertyFormat SecretsKeyManager SecretsProvider
        SecretsTrustManager SystemAndEnvSecretStore
    """,
    "access token resolvers": """
        CacheAccessTokenResolver ConfirmationKeyVerifierAccessTokenResolver ScriptableAccessTokenResolver
        StatelessAccessTokenResolver TokenIntrospectionAccessTokenResolver
    """,
    "audit": """
        AuditService CsvAuditEventHandler JdbcAuditEventHandler JmsAuditEventHandler JsonAuditEventHandler
        JsonStdoutAuditEventHandler NoOpAuditService SyslogAuditEventHandler
    """,
    "parts of other objects": """
        KeytabServiceLogin PingAmStatelessAccessTokenResolver PingFederateService
        PingFederateStatelessAccessTokenResolver RequestFormResourceAccess ScriptableJwtValidatorCustomizer
        ScriptableResourceAccess UsernamePasswordServiceLogin
    """,
    "other objects": """
        AmService CachingJwkSetService ClientRegistration ClientTlsOptions DefaultRateThrottlingPolicy
        Delegate IdmApiClientOrganisationService IdmApiClientService IdmService InMemorySessionManager Issuer
        IssuerRepository JdbcDataSource JwtSession JwtSessionManager KerberosIdentityAssertionPlugin
        MappedThrottlingPolicy PingOneService ProxyOptions RequestResourceUriProvider ScheduledExecutorService
        ScriptableIdentityAssertionPlugin ScriptableResourceUriProvider ScriptableThrottlingPolicy
        ServerTlsOptions TemporaryStorage TrustAllManager TrustedDirectory TrustedDirectoryService UmaService
        UserProfileService
    """,
}

DOCUMENTED_TYPES = frozenset(name for names in GROUPS.values() for name in names.split())

REMOVED_TYPES: dict[str, str] = {
    "KeyManager": "use SecretsKeyManager with a secret store (removed in 2026.3)",
    "KeyStore": "use KeyStoreSecretStore (removed in 2026.3)",
    "TrustManager": "use SecretsTrustManager with a secret store (removed in 2026.3)",
    "TlsOptions": "use ClientTlsOptions or ServerTlsOptions (removed in 2024.3)",
    "OAuth2ClientFilter": "use AuthorizationCodeOAuth2ClientFilter (removed in 2025.3)",
    "OpenAmAccessTokenResolver": "use TokenIntrospectionAccessTokenResolver (removed in 2024.3)",
    "CryptoHeaderFilter": "use JwtBuilderFilter (removed in 2024.3)",
    "DesKeyGenHandler": "there is no replacement (removed in 2024.3)",
    "SamlFederationHandler": "use SamlFederationFilter (removed in 2026.3)",
    "IdentityAssertionHandlerTechPreview": "use IdentityAssertionHandler (removed in 2025.3)",
    "CaptureFilter": 'use the decorator "capture" (removed before 7.2)',
    "ExceptionFilter": "use a handler's failureHandler, or a ScriptableFilter (removed before 7.2)",
    "RedirectFilter": "use LocationHeaderFilter (removed before 7.2)",
    "HandlerServlet": "use config.json (removed before 7.2)",
    "DispatchServlet": "use config.json (removed before 7.2)",
    "MonitorEndpointHandler": "use the metrics endpoint of the admin connector (removed before 7.2)",
    "Slf4jLogSink": "configure logging outside of the heap (removed before 7.2)",
    "ConsoleLogSink": "configure logging outside of the heap (removed before 7.2)",
    "FileLogSink": "configure logging outside of the heap (removed before 7.2)",
    "AmSessionFilter": "it was never a type of the gateway: use SingleSignOnFilter or SessionInfoFilter",
    "HtmlFileHandler": "it was never a type of the gateway: use ResourceHandler or StaticResponseHandler",
    "LoggerCaptureFilter": 'it was never a type of the gateway: use the decorator "capture"',
    "MultipartClientHandler": "it was never a type of the gateway: ClientHandler sends every body as it is",
}
"""Types of older versions -> what to use instead. A configuration that names one is refused."""
