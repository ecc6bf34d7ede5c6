"""Objects that filters and handlers refer to: options, pools, data sources and policies."""

TYPES = (
    "ClientTlsOptions",
    "CustomProxyOptions",
    "DefaultRateThrottlingPolicy",
    "JdbcDataSource",
    "MappedThrottlingPolicy",
    "NoProxyOptions",
    "ScheduledExecutorService",
    "SecretsKeyManager",
    "SecretsTrustManager",
    "ServerTlsOptions",
    "SystemProxyOptions",
    "TemporaryStorage",
    "TrustAllManager",
)
"""Documented names of the types; each has a module of its own, named in snake case."""
