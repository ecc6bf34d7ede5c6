"""Reading JWTs with keys of secret stores: nesting, the order of the keys, and what never counts as a signature."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence

import pytest

from gateway.jose.encryption import encrypt
from gateway.jose.errors import InvalidToken
from gateway.jose.jwt import JwtReader
from gateway.jose.signing import sign
from gateway.secrets.base import SecretsSource, SecretStore
from gateway.secrets.secret import CryptoKey, Secret

KeyOf = Callable[[str], CryptoKey]
CLAIMS = b'{"sub":"bob"}'


class Keys(SecretStore):
    """A store of given keys for any ID, which remembers what it was asked for."""

    keys: list[object] = []
    asked: list[str | None] = []

    async def candidates(self, secret_id: str, stable_id: str | None) -> Sequence[Secret]:
        self.asked.append(stable_id)
        return self.keys  # type: ignore[return-value]


def _keys(*keys: CryptoKey) -> Keys:
    return Keys.model_construct(keys=list(keys), asked=[])


def _verifier(*keys: CryptoKey) -> JwtReader:
    return JwtReader(_keys(*keys), "verify")


def _unsigned(header: dict[str, object], payload: bytes = CLAIMS) -> str:
    parts = (json.dumps(header).encode(), payload)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


async def test_signed_token_gives_its_claims(key_of: KeyOf) -> None:
    jwt = await _verifier(key_of("RSA")).read(sign(CLAIMS, key_of("RSA"), {"alg": "RS256"}))
    assert jwt.claims == {"sub": "bob"} and jwt.signed and not jwt.encrypted


async def test_signed_then_encrypted_and_encrypted_then_signed_are_read(key_of: KeyOf) -> None:
    reader = JwtReader(_keys(key_of("RSA"), key_of("32")), "verify", "decrypt")
    dir_header = {"alg": "dir", "enc": "A256GCM"}
    inner = sign(CLAIMS, key_of("RSA"), {"alg": "RS256"})
    outer = encrypt(CLAIMS, key_of("32"), dir_header)
    for token in (
        encrypt(inner.encode(), key_of("32"), {**dir_header, "cty": "JWT"}),
        sign(outer.encode(), key_of("RSA"), {"alg": "RS256", "cty": "JWT"}),
    ):
        jwt = await reader.read(token)
        assert jwt.claims == {"sub": "bob"} and jwt.signed and jwt.encrypted


async def test_unsigned_token_is_refused_where_a_signature_is_configured(key_of: KeyOf) -> None:
    for algorithm in ("none", "NONE", "nOnE"):
        with pytest.raises(InvalidToken):
            await _verifier(key_of("RSA"), key_of("32")).read(_unsigned({"alg": algorithm}))
    with pytest.raises(InvalidToken, match="not signed"):
        reader = JwtReader(_keys(key_of("32")), "verify", "decrypt")
        await reader.read(encrypt(CLAIMS, key_of("32"), {"alg": "dir", "enc": "A256GCM"}))


async def test_unsigned_token_is_read_where_nothing_verifies_as_documented() -> None:
    assert (await JwtReader().read(_unsigned({"alg": "none"}))).claims == {"sub": "bob"}


async def test_every_signature_of_a_nested_token_counts(key_of: KeyOf) -> None:
    inner = sign(CLAIMS, key_of("RSA"), {"alg": "RS256"})
    with pytest.raises(InvalidToken):
        await _verifier(key_of("RSA")).read(_unsigned({"alg": "none"}, inner.encode()))


async def test_signed_token_is_refused_where_encryption_is_configured(key_of: KeyOf) -> None:
    reader = JwtReader(_keys(key_of("RSA")), "verify", "decrypt")
    with pytest.raises(InvalidToken, match="not encrypted"):
        await reader.read(sign(CLAIMS, key_of("RSA"), {"alg": "RS256"}))


async def test_encrypted_token_is_refused_where_nothing_decrypts(key_of: KeyOf) -> None:
    with pytest.raises(InvalidToken, match="nothing is configured"):
        await JwtReader().read(encrypt(CLAIMS, key_of("32"), {"alg": "dir", "enc": "A256GCM"}))


async def test_key_that_kid_names_is_the_only_one_tried(key_of: KeyOf) -> None:
    other = CryptoKey(secret=bytes(32), stable_id="other")
    token = sign(CLAIMS, other, {"alg": "HS256", "kid": "oct-32"})
    with pytest.raises(InvalidToken, match="signature of the token is not valid"):
        await _verifier(other, key_of("32")).read(token)


async def test_unknown_kid_means_every_valid_key(key_of: KeyOf) -> None:
    for kid in ("unknown", "../../etc/passwd", None):
        token = sign(CLAIMS, key_of("32"), {"alg": "HS256", **({"kid": kid} if kid else {})})
        source = _keys(CryptoKey(secret=bytes(32), stable_id="other"), key_of("RSA"), key_of("32"))
        assert (await JwtReader(source, "verify").read(token)).claims == {"sub": "bob"}
        assert source.asked == ([kid, None] if kid else [None])


async def test_only_keys_of_the_family_of_the_algorithm_are_tried(key_of: KeyOf) -> None:
    token = sign(CLAIMS, key_of("32"), {"alg": "HS256"})
    with pytest.raises(InvalidToken, match="no key fits"):
        await _verifier(key_of("RSA"), key_of("P-256"), key_of("16")).read(token)


@pytest.mark.parametrize("name", ["jku", "x5u"])
async def test_key_of_a_url_in_the_header_is_not_fetched(name: str, key_of: KeyOf) -> None:
    attacker = CryptoKey(secret=bytes(32))
    token = sign(CLAIMS, attacker, {"alg": "HS256", name: "https://evil.example/keys"})
    with pytest.raises(InvalidToken):
        await _verifier(key_of("32")).read(token)


async def test_key_inside_the_header_is_not_used(key_of: KeyOf) -> None:
    from gateway.jose.keys import jwk_of

    attacker = key_of("P-256")
    token = sign(CLAIMS, attacker, {"alg": "ES256", "jwk": jwk_of(attacker)})
    with pytest.raises(InvalidToken):
        await _verifier(key_of("P-384"), key_of("RSA")).read(token)


async def test_endless_nesting_is_refused(key_of: KeyOf) -> None:
    token = sign(CLAIMS, key_of("32"), {"alg": "HS256"})
    for _ in range(3):
        token = sign(token.encode(), key_of("32"), {"alg": "HS256"})
    with pytest.raises(InvalidToken, match="layers"):
        await _verifier(key_of("32")).read(token)


@pytest.mark.parametrize("payload", [b"", b"text", b"[]", b"{", b'{"a":1,"a":2}', b'{"a":NaN}', "é".encode(), b"\xff"])
async def test_content_that_is_no_claims_is_refused(payload: bytes, key_of: KeyOf) -> None:
    with pytest.raises(InvalidToken):
        await _verifier(key_of("32")).read(sign(payload, key_of("32"), {"alg": "HS256"}))


async def test_jwt_shows_nothing(key_of: KeyOf) -> None:
    token = sign(b'{"sub":"canary"}', key_of("32"), {"alg": "HS256", "kid": "canary-kid"})
    jwt = await JwtReader().read(token)
    assert "canary" not in repr(jwt) and token not in repr(jwt)


def test_keys_is_a_secrets_source() -> None:
    assert isinstance(_keys(), SecretsSource)
