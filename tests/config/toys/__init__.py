"""Object types for the tests of the configuration language: it knows nothing of HTTP, and neither do they."""

TYPES = ("Leaf", ("Pair", "OldPair"), "Wrap", "Stand")
