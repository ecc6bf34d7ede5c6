"""What can be wrong with a token: one error whose text never quotes the token."""

from __future__ import annotations

from gateway.errors import ExchangeError


class InvalidToken(Exception):
    """A token is malformed, does not verify or does not decrypt; the message is safe to log and to show."""


class JoseKeyError(ExchangeError):
    """A key cannot do what it is asked to do: a mistake of the configuration, not of the token."""
