"""The examples of RFC 7515, 7516, 7520 and 8037, which `tests/data/jose/rfc_vectors.json` holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.jose.encryption import decrypt
from gateway.jose.errors import InvalidToken
from gateway.jose.keys import key_from_jwk
from gateway.jose.signing import payload_of, verify
from gateway.jose.token import decode, parse

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
