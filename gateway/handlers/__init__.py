"""The handlers that a configuration can declare, by their documented names."""

TYPES = (
    "Chain",
    "ClientHandler",
    "Delegate",
    "DispatchHandler",
    "JwkSetHandler",
    "ResourceHandler",
    "ReverseProxyHandler",
    "SequenceHandler",
    "StaticResponseHandler",
    "WelcomeHandler",
)
