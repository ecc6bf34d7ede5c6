"""Session managers; what a session is, is in `base`."""

TYPES = (
    "InMemorySessionManager",
    ("JwtSessionManager", "JwtSession"),
    "RedisSessionManager",
)
