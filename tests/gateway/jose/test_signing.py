"""Signatures: every algorithm, against another library, and the ways to forge one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwcrypto import jwk as other_jwk
from jwcrypto import jws as other_jws

from gateway.jose.algorithms import SIGNATURES
from gateway.jose.errors import JoseKeyError
from gateway.jose.keys import jwk_of
from gateway.jose.signing import payload_of, sign, verify
from gateway.jose.token import parse
from gateway.secrets.secret import CryptoKey

KeyOf = Callable[[str], CryptoKey]
Public = Callable[[CryptoKey], CryptoKey]

KEYS = {
    **{f"HS{bits}": str(bits // 8) for bits in (256, 384, 512)},
    **{f"{family}{bits}": "RSA" for family in ("RS", "PS") for bits in (256, 384, 512)},
    "ES256": "P-256",
    "ES384": "P-384",
    "ES512": "P-521",
    "EdDSA": "Ed25519",
    "Ed25519": "Ed25519",
    "Ed448": "Ed448",
}
CLAIMS = b'{"sub":"bob"}'
OTHER_CLAIMS = b'{"sub":"eve"}'


def _other(key: CryptoKey, *, private: bool = False) -> other_jwk.JWK:
    return other_jwk.JWK(**jwk_of(key, private=private or key.secret is not None))


def _encoded(value: object) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def test_every_algorithm_is_covered() -> None:
    assert set(KEYS) == set(SIGNATURES)


@pytest.mark.parametrize("algorithm", KEYS)
def test_signed_token_verifies_with_the_public_half(algorithm: str, key_of: KeyOf, public: Public) -> None:
    key = key_of(KEYS[algorithm])
    token = parse(sign(CLAIMS, key, {"alg": algorithm}))
    assert verify(token, public(key))
    assert payload_of(token) == CLAIMS


@pytest.mark.parametrize("algorithm", [name for name in KEYS if name not in ("Ed25519", "Ed448")])
def test_another_library_verifies_what_we_sign(algorithm: str, key_of: KeyOf) -> None:
    key = key_of(KEYS[algorithm])
    theirs = other_jws.JWS()
    theirs.allowed_algs = [algorithm]
    theirs.deserialize(sign(CLAIMS, key, {"alg": algorithm}), _other(key))
    assert theirs.payload == CLAIMS


@pytest.mark.parametrize("algorithm", [name for name in KEYS if name not in ("Ed25519", "Ed448")])
def test_we_verify_what_another_library_signs(algorithm: str, key_of: KeyOf, public: Public) -> None:
    key = key_of(KEYS[algorithm])
    theirs = other_jws.JWS(CLAIMS)
    theirs.allowed_algs = [algorithm]
    theirs.add_signature(_other(key, private=True), protected=json.dumps({"alg": algorithm}))
    assert verify(parse(theirs.serialize(compact=True)), public(key))


@pytest.mark.parametrize("algorithm", KEYS)
def test_changed_payload_or_signature_does_not_verify(algorithm: str, key_of: KeyOf) -> None:
    key = key_of(KEYS[algorithm])
    header, payload, signature = sign(CLAIMS, key, {"alg": algorithm}).split(".")
    assert not verify(parse(f"{header}.{_encoded(OTHER_CLAIMS)}.{signature}"), key)
    assert not verify(parse(f"{header}.{payload}."), key)
    assert not verify(parse(f"{header}.{payload}.{_encoded(bytes(64))}"), key)


@pytest.mark.parametrize("algorithm", KEYS)
def test_key_of_another_family_verifies_nothing(algorithm: str, key_of: KeyOf) -> None:
    token = parse(sign(CLAIMS, key_of(KEYS[algorithm]), {"alg": algorithm}))
    for kind in ("64", "RSA", "P-256", "P-384", "P-521", "Ed25519", "Ed448", "X25519"):
        if kind != KEYS[algorithm] and not (kind == "64" and algorithm.startswith("HS")):
            assert not verify(token, key_of(kind))


@pytest.mark.parametrize("form", ["pem", "der", "n"])
def test_hmac_with_a_public_key_as_secret_is_refused(form: str, key_of: KeyOf, public: Public) -> None:
    key = key_of("RSA")
    native = key.public
    assert native is not None
    secret = {
        "pem": native.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "der": native.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "n": jwk_of(key)["n"].encode(),
    }[form]
    signing_input = f"{_encoded({'alg': 'HS256'})}.{_encoded(CLAIMS)}"
    signature = hmac.new(secret, signing_input.encode(), hashlib.sha256).digest()
    assert not verify(parse(f"{signing_input}.{_encoded(signature)}"), public(key))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", "HS1", "RS1", "dir"])
def test_unsigned_and_unknown_algorithms_never_verify(algorithm: str, key_of: KeyOf) -> None:
    token = parse(f"{_encoded({'alg': algorithm})}.{_encoded(CLAIMS)}.")
    assert not any(verify(token, key_of(kind)) for kind in ("RSA", "32", "P-256", "Ed25519"))


def test_ecdsa_signature_of_zeros_does_not_verify(key_of: KeyOf) -> None:
    token = parse(f"{_encoded({'alg': 'ES256'})}.{_encoded(CLAIMS)}.{_encoded(bytes(64))}")
    assert not verify(token, key_of("P-256"))


def test_public_key_signs_nothing(key_of: KeyOf, public: Public) -> None:
    with pytest.raises(JoseKeyError, match="no private part"):
        sign(CLAIMS, public(key_of("RSA")), {"alg": "RS256"})


@pytest.mark.parametrize(
    ("algorithm", "kind"), [("HS256", "31"), ("HS512", "32"), ("RS256", "P-256"), ("ES384", "P-256")]
)
def test_key_that_does_not_suit_the_algorithm_signs_nothing(algorithm: str, kind: str, key_of: KeyOf) -> None:
    with pytest.raises(JoseKeyError, match=algorithm):
        sign(CLAIMS, key_of(kind), {"alg": algorithm})


def test_short_client_secret_may_be_an_hmac_key_when_asked_for() -> None:
    key = CryptoKey(secret=b"password", any_length=True)
    assert verify(parse(sign(CLAIMS, key, {"alg": "HS256"})), key)
