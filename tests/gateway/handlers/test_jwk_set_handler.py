"""JwkSetHandler: what it publishes, and that nothing private leaves unless it is told to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jwcrypto import jwk as other_jwk

from tests.gateway.scripted import problems, run

KEYS = Path(__file__).parents[2] / "data/keys"
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "k"}


def _keystore() -> dict[str, Any]:
    passwords = {"type": "Base64EncodedSecretStore", "config": {"secrets": {"p": "Y2hhbmdlaXQ="}}}
    mappings = {"sign.key": ["rsa-new", "rsa-old"], "mac.key": ["hmac"], "enc.key": ["ec-upper"]}
    config = {
        "file": str(KEYS / "keystore.p12"),
        "storePasswordSecretId": "p",
        "secretsProvider": passwords,
        "mappings": [{"secretId": name, "aliases": aliases} for name, aliases in mappings.items()],
    }
    return {"type": "KeyStoreSecretStore", "config": config}


def _handler(*purposes: tuple[str, str] | tuple[str, str, str], **config: Any) -> dict[str, Any]:
    names = ("secretId", "keyUsage", "jwkAlgorithm")
    listed = [dict(zip(names, purpose, strict=False)) for purpose in purposes]
    return {"type": "JwkSetHandler", "config": {"secretsProvider": _keystore(), "purposes": listed, **config}}


async def _keys(*purposes: Any, **config: Any) -> list[dict[str, Any]]:
    outcome = await run(_handler(*purposes, **config))
    assert outcome.status == 200 and outcome.headers["Content-Type"] == ["application/json"]
    return json.loads(outcome.text)["keys"]  # type: ignore[no-any-return]


async def test_every_valid_key_is_published_with_its_public_part() -> None:
    keys = await _keys(("sign.key", "SIGN", "RS256"))
    assert [key["kid"] for key in keys] == ["rsa-new", "rsa-old"]
    for key in keys:
        assert key["use"] == "sig" and key["alg"] == "RS256" and key["kty"] == "RSA" and not PRIVATE & set(key)
        assert not other_jwk.JWK(**key).has_private


async def test_symmetric_keys_are_left_out_unless_private_secrets_are_exposed() -> None:
    assert await _keys(("mac.key", "SIGN")) == []
    keys = await _keys(("mac.key", "SIGN"), ("sign.key", "SIGN"), exposePrivateSecrets=True)
    assert [key["kty"] for key in keys] == ["oct", "RSA", "RSA"] and all(PRIVATE & set(key) for key in keys)


@pytest.mark.parametrize("usage", ["ENCRYPT", "DECRYPT", "WRAP_KEY", "UNWRAP_KEY", "AGREE_KEY", "wrap_key"])
async def test_encryption_keys_are_published_for_encryption(usage: str) -> None:
    keys = await _keys(("enc.key", usage))
    assert [key["kid"] for key in keys] == ["ec-upper"] and keys[0]["use"] == "enc" and "alg" not in keys[0]


async def test_key_of_two_purposes_is_published_once_and_missing_ones_not_at_all() -> None:
    assert len(await _keys(("sign.key", "SIGN"), ("sign.key", "VERIFY"))) == 2
    assert await _keys(("no.such", "SIGN"), ("enc.key", "VERIFY"), ("sign.key", "SIGN", "ES256")) == []


async def test_only_get_and_head_are_answered() -> None:
    assert (await run(_handler(("sign.key", "SIGN")), {"method": "HEAD"})).status == 200
    outcome = await run(_handler(("sign.key", "SIGN")), {"method": "POST"})
    assert outcome.status == 405 and outcome.headers["Allow"] == ["GET, HEAD"]


def test_what_cannot_work_stops_the_load() -> None:
    assert problems(_handler())
    assert problems(_handler(("a", "PASSWORD")))
