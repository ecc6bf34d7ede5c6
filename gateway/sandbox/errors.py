"""What the sandbox refuses, in AM's two forms.

Below /json that is `{code, reason, message}`, below /oauth2 `{error, error_description}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any


class Refusal(Exception):
    """An answer other than success; raised anywhere below an endpoint and written by the middleware."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})

    @property
    def body(self) -> dict[str, Any]:
        """The JSON to answer."""
        reason = HTTPStatus(self.status).phrase
        return {"code": self.status, "reason": reason, "message": self.message}


class OAuthRefusal(Refusal):
    """A refusal of an OAuth 2.0 endpoint."""

    def __init__(
        self, error: str, description: str, status: int = 400, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, description, headers)
        self.error = error

    @property
    def body(self) -> dict[str, Any]:
        return {"error_description": self.message, "error": self.error}


INVALID_TOKEN_TEXT = "The access token provided is expired, revoked, malformed, or invalid for other reasons."
INVALID_GRANT_TEXT = "The provided access grant is invalid, expired, or revoked."


def invalid_grant() -> OAuthRefusal:
    """Credentials, a code or a token that do not hold (any more); which of it is not told."""
    return OAuthRefusal("invalid_grant", INVALID_GRANT_TEXT)


def invalid_token() -> OAuthRefusal:
    """A bearer token that does not hold (RFC 6750)."""
    challenge = f'Bearer error="invalid_token", error_description="{INVALID_TOKEN_TEXT}"'
    return OAuthRefusal("invalid_token", INVALID_TOKEN_TEXT, 401, {"WWW-Authenticate": challenge})


def access_denied() -> Refusal:
    """A call below /json without a session that holds."""
    return Refusal(401, "Access Denied")
