"""PingAM: what filters need to know of one realm of it."""

TYPES = ("AmService",)
