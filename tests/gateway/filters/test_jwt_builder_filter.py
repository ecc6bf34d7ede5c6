"""JwtBuilderFilter as declared: what it makes, another library and another gateway read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jwcrypto import jwe as other_jwe
from jwcrypto import jwk as other_jwk
from jwcrypto import jws as other_jws

from gateway.errors import ExchangeError
from tests.gateway.scripted import build, problems, run

KEYS = Path(__file__).parents[2] / "data/keys"
PEM = {
    "type": "FileSystemSecretStore",
    "config": {"directory": str(KEYS), "suffix": ".pem", "format": {"type": "PemPropertyFormat"}},
}
RSA = {"secretId": "rsa-pkcs8"}
TEMPLATE = {"sub": "${attributes.user}", "n": "${1 + 1}", "roles": ["a", "${attributes.role}"], "fixed": True}


def _filter(**config: Any) -> dict[str, Any]:
    properties = {"template": TEMPLATE, "secretsProvider": PEM, "signature": RSA}
    merged = {**properties, **config}
    return {"type": "JwtBuilderFilter", "config": {k: v for k, v in merged.items() if v is not None}}


async def _made(**config: Any) -> Any:
    outcome = await run(_filter(**config), attributes={"user": "bob", "role": "b"})
    return outcome.forwarded.context


def _key(name: str = "rsa-pkcs8") -> other_jwk.JWK:
    return other_jwk.JWK.from_pem((KEYS / f"{name}.pem").read_bytes())


def _opened(token: str, key: other_jwk.JWK) -> tuple[dict[str, Any], dict[str, Any]]:
    theirs = other_jws.JWS()
    theirs.deserialize(token, key)
    return theirs.jose_header, json.loads(theirs.payload)


async def test_signed_jwt_has_exactly_the_claims_of_the_template() -> None:
    context = await _made()
    header, claims = _opened(context.value, _key())
    assert header == {"typ": "JWT", "kid": "rsa-pkcs8", "alg": "RS256"}
    assert claims == {"sub": "bob", "n": 2, "roles": ["a", "b"], "fixed": True}
    assert context.claims == context.claims_as_json_value == claims


async def test_template_may_be_one_expression_that_gives_a_map() -> None:
    context = await _made(template="${attributes}")
    assert context.claims == {"user": "bob", "role": "b"}


@pytest.mark.parametrize(
    ("name", "algorithm"),
    [("rsa-pkcs8", "RS512"), ("rsa-pkcs8", "PS384"), ("ec-sec1", "ES256"), ("ed25519", "EdDSA")],
)
async def test_algorithm_and_key_id_are_as_configured(name: str, algorithm: str) -> None:
    context = await _made(signature={"secretId": name, "algorithm": algorithm, "includeKeyId": False})
    header, claims = _opened(context.value, _key(name))
    assert header == {"typ": "JWT", "alg": algorithm} and claims["sub"] == "bob"


@pytest.mark.parametrize("nested", [True, False])
async def test_signed_then_encrypted(nested: bool) -> None:
    encryption = {**RSA, "algorithm": "RSA-OAEP-256", "method": "A128CBC-HS256"}
    config = {"signature": {**RSA, "encryption": encryption}} if nested else {"encryption": encryption}
    theirs = other_jwe.JWE()
    theirs.deserialize((await _made(**config)).value, _key())
    assert theirs.jose_header["cty"] == "JWT"
    assert _opened(theirs.payload.decode(), _key())[1]["sub"] == "bob"


async def test_encrypted_only() -> None:
    token = (await _made(signature=None, encryption={**RSA, "algorithm": "RSA-OAEP", "method": "A256GCM"})).value
    theirs = other_jwe.JWE()
    theirs.deserialize(token, _key())
    assert json.loads(theirs.payload)["sub"] == "bob" and "cty" not in theirs.jose_header


async def test_template_that_is_no_map_fails_the_request() -> None:
    with pytest.raises(ExchangeError, match="does not give a map") as caught:
        await _made(template="${attributes.user}")
    assert caught.value.code == 500


async def test_key_that_is_missing_or_does_not_fit_fails_the_request() -> None:
    for signature in ({"secretId": "absent"}, {**RSA, "algorithm": "ES256"}, {"secretId": "rsa-public"}):
        with pytest.raises(ExchangeError, match=signature["secretId"]) as caught:
            await _made(signature=signature)
        assert caught.value.code == 500


@pytest.mark.parametrize(
    "config",
    [
        {"signature": None},
        {"signature": {**RSA, "algorithm": "none"}},
        {"encryption": {**RSA, "algorithm": "RSA1_5", "method": "A256GCM"}},
        {"encryption": {**RSA, "algorithm": "dir", "method": "A1"}},
        {"secretsProvider": None},
        {"template": None},
    ],
)
def test_what_cannot_work_stops_the_load(config: dict[str, Any]) -> None:
    assert problems(_filter(**config))


async def test_jwt_of_one_gateway_is_validated_by_another() -> None:
    token = (await _made()).value
    declaration = {
        "type": "JwtValidationFilter",
        "config": {"jwt": "${attributes.jwt}", "verificationSecretId": "rsa-public", "secretsProvider": PEM},
    }
    outcome = await run(declaration, attributes={"jwt": token})
    assert outcome.forwarded.context.info["sub"] == "bob"  # type: ignore[attr-defined]


def test_example_builds() -> None:
    from gateway.filters.jwt_builder_filter import JwtBuilderFilter

    assert build(JwtBuilderFilter.example).signature.algorithm == "RS512"
