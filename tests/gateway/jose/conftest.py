"""Keys for the tests of jose: one of each kind, made once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, x448, x25519

from gateway.secrets.secret import CryptoKey

KeyMaker = Callable[[str], CryptoKey]

_MAKERS = {
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "P-521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
    "Ed448": ed448.Ed448PrivateKey.generate,
    "X25519": x25519.X25519PrivateKey.generate,
    "X448": x448.X448PrivateKey.generate,
}


@pytest.fixture(scope="session")
def key_of() -> KeyMaker:
    """`key_of("RSA")`, `key_of("P-256")`, or `key_of("32")` for a symmetric key of 32 bytes."""
    made: dict[str, CryptoKey] = {}

    def key(kind: str) -> CryptoKey:
        if kind not in made:
            if kind.isdecimal():
                made[kind] = CryptoKey(secret=bytes(range(1, int(kind) + 1)), stable_id=f"oct-{kind}")
            else:
                private = _MAKERS[kind]()
                made[kind] = CryptoKey(private.public_key(), private, stable_id=kind)
        return made[kind]

    return key


def public_half(key: CryptoKey) -> CryptoKey:
    """The key without what must stay private; a symmetric key has no such half."""
    return key if key.secret is not None else CryptoKey(key.public, stable_id=key.stable_id)


@pytest.fixture(scope="session")
def public() -> Callable[[CryptoKey], CryptoKey]:
    return public_half
