"""Secrets that gateways and the sandbox hold or make in the process of the tests: each is looked for, too.

Whatever test loads a key, gets a password from a store, puts something into a session or has a token issued, the search
for secrets (tests/canaries.py) knows the value.
"""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from gateway.sandbox.sessions import SessionStore
from gateway.sandbox.tokens import TokenService
from gateway.secrets.secret import CryptoKey, GenericSecret
from gateway.session.base import Session
from tests.canaries import after, learn


def watch() -> None:
    """From now on take up what is made."""
    after(GenericSecret, "__init__", lambda _, secret, *__: learn("a secret of a store", secret.reveal()))
    after(CryptoKey, "__init__", lambda _, key, *__: _learn_key(key))
    after(Session, "__setitem__", lambda _, __, name, value: _learn_content(value))
    after(TokenService, "issue", lambda token, *_: learn("an issued token", token.value))
    after(TokenService, "id_token", lambda token, *_: learn("an ID token", token))
    after(SessionStore, "create", lambda session, *_: learn("a session of the sandbox", session.token))


def _learn_key(key: CryptoKey) -> None:
    if key.secret is not None:
        learn("a symmetric key", key.secret)
    if isinstance(key.private, RSAPrivateKey | EllipticCurvePrivateKey):
        numbers: Any = key.private.private_numbers()
        names = ("d", "p", "q") if isinstance(key.private, RSAPrivateKey) else ("private_value",)
        for number in (getattr(numbers, name) for name in names):
            learn("a private key", number.to_bytes((number.bit_length() + 7) // 8, "big"))
    elif key.private is not None and hasattr(key.private, "private_bytes_raw"):
        learn("a private key", key.private.private_bytes_raw())


def _learn_content(value: Any) -> None:
    """Strings in the content of a session."""
    if isinstance(value, str):
        learn("the content of a session", value)
    elif isinstance(value, dict):
        for member in value.values():
            _learn_content(member)
