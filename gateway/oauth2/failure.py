"""A failed OAuth 2.0 operation, as filters raise it and as failure handlers see it."""

from __future__ import annotations

from gateway.errors import ExchangeError
from gateway.http.context import Context, InnerContext


class OAuth2Error(ExchangeError):
    """An OAuth 2.0 operation failed: an error code of RFC 6749 and a description for people, or None."""

    status = 500

    def __init__(self, error: str, description: str | None) -> None:
        super().__init__(error if description is None else f"{error}: {description}")
        self.error = error
        self.description = description

    @property
    def reason(self) -> str:
        """The error code, and the failure of this gateway behind it, if there is one: safe to log."""
        return f"{self.error} ({self.__cause__})" if isinstance(self.__cause__, ExchangeError) else self.error


class OAuth2FailureContext(InnerContext, name="oauth2Failure"):
    """`contexts.oauth2Failure`: why an OAuth 2.0 operation failed."""

    @classmethod
    def of(cls, parent: Context, failure: OAuth2Error) -> OAuth2FailureContext:
        return cls(parent, error=failure.error, description=failure.description, exception=failure)
