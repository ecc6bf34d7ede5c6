"""JWKs: what becomes a key with which restrictions, and what of a key is published."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa

from gateway.jose.keys import jwk_of, key_from_jwk, keys_of_set
from gateway.secrets.secret import CryptoKey, Purpose, Usage

KeyOf = Callable[[str], CryptoKey]
KINDS = ["RSA", "P-256", "P-384", "P-521", "Ed25519", "Ed448", "X25519", "X448", "32"]


@pytest.mark.parametrize("kind", KINDS)
def test_private_jwk_round_trips(kind: str, key_of: KeyOf) -> None:
    key = key_of(kind)
    read = key_from_jwk(jwk_of(key, private=True))
    assert jwk_of(read, private=True) == jwk_of(key, private=True)
    assert read.stable_id == key.stable_id
    assert (read.private is None) == (key.private is None)


@pytest.mark.parametrize("kind", KINDS)
def test_published_jwk_has_no_private_member(kind: str, key_of: KeyOf) -> None:
    assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & set(jwk_of(key_of(kind)))


@pytest.mark.parametrize(
    ("members", "usages"),
    [
        ({}, None),
        ({"use": "sig"}, {Usage.SIGN, Usage.VERIFY}),
        ({"use": "enc"}, {Usage.ENCRYPT, Usage.DECRYPT, Usage.WRAP_KEY, Usage.UNWRAP_KEY, Usage.AGREE_KEY}),
        ({"use": "tls"}, {Usage.VERIFY_CERTIFICATE}),
        ({"use": "other"}, set()),
        ({"key_ops": ["verify"]}, {Usage.VERIFY, Usage.VERIFY_CERTIFICATE}),
        ({"key_ops": ["sign", "unknown"]}, {Usage.SIGN}),
        ({"use": "sig", "key_ops": ["verify", "encrypt"]}, {Usage.VERIFY}),
    ],
)
def test_use_and_key_ops_restrict(members: dict[str, object], usages: set[Usage] | None, key_of: KeyOf) -> None:
    assert key_from_jwk({**jwk_of(key_of("RSA")), **members}).usages == usages


def test_alg_restricts_the_algorithm(key_of: KeyOf) -> None:
    key = key_from_jwk({**jwk_of(key_of("RSA")), "alg": "PS256"})
    assert key.unfit(Purpose.VERIFY, "PS256") is None
    assert "restricted to PS256" in str(key.unfit(Purpose.VERIFY, "RS256"))


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "EC"},
        {"kty": "XX"},
        {"kty": "oct"},
        {"kty": "oct", "k": "*"},
        {"kty": "RSA", "n": "AA", "e": "AA", "d": "canary"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": []},
    ],
)
def test_what_is_no_key_is_a_value_error_without_content(jwk: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a JWK") as caught:
        key_from_jwk(jwk)
    assert "canary" not in str(caught.value)


def test_set_skips_keys_that_are_not_understood(key_of: KeyOf) -> None:
    keys, skipped = keys_of_set(json.dumps({"keys": [{"kty": "new"}, jwk_of(key_of("RSA")), 5, {"kty": "EC"}]}))
    assert [key.stable_id for key in keys] == ["RSA"]
    assert skipped == 3


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"keys": 5}', "5", "null", "[" * 100_000])
def test_what_is_no_set_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="not a JWK set"):
        keys_of_set(text)


def test_key_type_of_a_dsa_key_serves_no_algorithm() -> None:
    private = dsa.generate_private_key(2048)
    key = CryptoKey(private.public_key(), private)
    assert key.key_type == "DSA"
    assert key.unfit(Purpose.SIGN, "RS256") is not None
