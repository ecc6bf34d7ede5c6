"""base64url as JOSE and OAuth 2.0 write it: without padding (RFC 7515, 2)."""

from __future__ import annotations

from base64 import urlsafe_b64encode


def unpadded(content: bytes) -> bytes:
    """The base64url text of bytes, as ASCII."""
    return urlsafe_b64encode(content).rstrip(b"=")
