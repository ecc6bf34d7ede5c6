"""The examples of RFC 7515 to 7520 and 8037: `tests/data/jose/rfc_vectors.json` holds those that are whole tokens."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from jwcrypto import jwe as other_jwe
from jwcrypto import jwk as other_jwk
from jwcrypto import jws as other_jws

from gateway.jose.encryption import decrypt
from gateway.jose.errors import InvalidToken
from gateway.jose.keys import key_from_jwk, keys_of_set
from gateway.jose.signing import payload_of, verify
from gateway.jose.token import decode, parse
from gateway.secrets.secret import Purpose

VECTORS = json.loads((Path(__file__).parents[2] / "data/jose/rfc_vectors.json").read_text())


def _of(kind: str) -> Any:
    return pytest.mark.parametrize("vector", [pytest.param(v, id=v["name"]) for v in VECTORS if v["kind"] == kind])


@_of("jws")
def test_signature_of_the_rfc_verifies(vector: dict[str, Any]) -> None:
    token = parse(vector["compact"])
    assert verify(token, key_from_jwk(vector["key"]))
    assert payload_of(token) == decode(vector["content"].encode())


@_of("jwe")
def test_encryption_of_the_rfc_opens(vector: dict[str, Any]) -> None:
    assert decrypt(parse(vector["compact"]), key_from_jwk(vector["key"])) == decode(vector["content"].encode())


@_of("refused")
def test_rsa1_5_and_unknown_extensions_are_refused(vector: dict[str, Any]) -> None:
    with pytest.raises(InvalidToken):
        decrypt(parse(vector["compact"]), key_from_jwk(vector["key"]))


@pytest.mark.parametrize("vector", [pytest.param(v, id=v["name"]) for v in VECTORS])
def test_another_library_finds_the_same_content_in_the_copy_of_the_rfc(vector: dict[str, Any]) -> None:
    header = json.loads(decode(vector["compact"].partition(".")[0].encode()))
    if header["alg"] == "none":  # the example of an extension that nobody knows has no signature
        assert vector["compact"].split(".")[1:] == [vector["content"], ""]
        return
    key = other_jwk.JWK(**vector["key"])
    token: Any = other_jwe.JWE(algs=[header["alg"], header["enc"]]) if "enc" in header else other_jws.JWS()
    token.deserialize(vector["compact"], key)
    assert token.payload == decode(vector["content"].encode())


@pytest.mark.parametrize("vector", [pytest.param(v, id=v["name"]) for v in VECTORS])
def test_each_vector_says_where_it_is_from(vector: dict[str, Any]) -> None:
    _, number, part = vector["name"].split()
    kind = "section" if part[0].isdecimal() else "appendix"
    assert vector["source"] == f"https://www.rfc-editor.org/rfc/rfc{number}#{kind}-{part}"


RFC_7518_C: dict[str, Any] = {
    "header": {
        "alg": "ECDH-ES",
        "enc": "A128GCM",
        "apu": "QWxpY2U",
        "apv": "Qm9i",
        "epk": {
            "kty": "EC",
            "crv": "P-256",
            "x": "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
            "y": "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",
        },
    },
    "bob": {
        "kty": "EC",
        "crv": "P-256",
        "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
        "d": "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw",
    },
    "agreed": "VqqN6vgjbSBcIijNcacQGg",
}


def test_key_agreement_gives_the_key_of_rfc_7518_appendix_c() -> None:
    header = _base64url(json.dumps(RFC_7518_C["header"]).encode())
    nonce = bytes(12)
    sealed = AESGCM(decode(RFC_7518_C["agreed"].encode())).encrypt(nonce, b"agreed", header.encode())
    token = ".".join((header, "", _base64url(nonce), _base64url(sealed[:-16]), _base64url(sealed[-16:])))
    assert decrypt(parse(token), key_from_jwk(RFC_7518_C["bob"])) == b"agreed"


RFC_7517_A: dict[str, Any] = {
    "keys": [
        {
            "kty": "EC",
            "crv": "P-256",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
            "use": "enc",
            "kid": "1",
        },
        {
            "kty": "RSA",
            "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZ"
            "CiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9"
            "c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF4"
            "4-csFCur-kEgU8awapJzKnqDKgw",
            "e": "AQAB",
            "alg": "RS256",
            "kid": "2011-04-29",
        },
    ]
}
RFC_7638_THUMBPRINT = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_keys_of_rfc_7517_appendix_a_are_read_with_their_ids_and_restrictions() -> None:
    keys, skipped = keys_of_set(json.dumps(RFC_7517_A).encode())
    assert ([key.stable_id for key in keys], skipped) == (["1", "2011-04-29"], 0)
    curve, rsa = keys
    assert curve.unfit(Purpose.KEY_ENCRYPTION, "ECDH-ES") is None
    assert curve.unfit(Purpose.VERIFY, "ES256") is not None
    assert rsa.unfit(Purpose.VERIFY, "RS256") is None
    assert rsa.unfit(Purpose.VERIFY, "RS512") is not None
    assert _thumbprint(rsa.public) == RFC_7638_THUMBPRINT


def _thumbprint(key: Any) -> str:
    numbers = key.public_numbers()
    n, e = (_base64url(value.to_bytes((value.bit_length() + 7) // 8)) for value in (numbers.n, numbers.e))
    canonical = f'{{"e":"{e}","kty":"RSA","n":"{n}"}}'
    return _base64url(hashlib.sha256(canonical.encode()).digest())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
