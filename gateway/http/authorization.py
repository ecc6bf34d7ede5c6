"""The header field Authorization."""

from __future__ import annotations

from base64 import b64encode


def basic_credentials(username: str, password: str) -> str:
    """The value of an Authorization header of the scheme Basic (RFC 7617, 2)."""
    return f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"
