"""JwtValidationFilter as declared: who passes, and what the others are told."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from gateway.jose.constraints import JwtValidatorBuilder, is_equal_to
from gateway.jose.customizer import JwtValidatorCustomizer
from gateway.jose.encryption import encrypt
from gateway.jose.signing import sign
from gateway.secrets.secret import CryptoKey
from tests.canaries import canary
from tests.gateway.scripted import exchange, problems, run, started

BOB = canary("bob")
KEY = CryptoKey(secret=bytes(range(32)), stable_id="verify")
NOON = 1_700_000_000
FAILURE = {
    "type": "StaticResponseHandler",
    "config": {"status": 401, "entity": "refused: ${contexts.jwtValidationError.violations}"},
}


@pytest.fixture(autouse=True)
def _key_in_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERIFY", base64.b64encode(KEY.secret or b"").decode())


def _filter(**config: Any) -> dict[str, Any]:
    key_format = {"type": "SecretKeyPropertyFormat", "config": {"algorithm": "HmacSHA256"}}
    store = {"type": "SystemAndEnvSecretStore", "config": {"format": key_format}}
    properties = {"jwt": "${attributes.jwt}", "verificationSecretId": "verify", "secretsProvider": store}
    return {"type": "JwtValidationFilter", "config": {**properties, **config}}


def _signed(claims: dict[str, Any], key: CryptoKey = KEY, **header: Any) -> str:
    return sign(json.dumps(claims).encode(), key, {"alg": "HS256", **header})


async def _outcome(jwt: object, now: float = NOON, **config: Any) -> Any:
    async with started(_filter(**config)) as tested:
        tested._clock = lambda: now
        return await exchange(tested, attributes={"jwt": jwt})


async def test_valid_jwt_passes_with_its_claims_in_the_context() -> None:
    token = _signed({"sub": BOB, "exp": NOON + 60}, kid="verify")
    outcome = await _outcome(token)
    context = outcome.forwarded.context
    assert outcome.status == 200 and context.value == token
    assert context.info == {"sub": BOB, "exp": NOON + 60}
    assert context.claims["sub"] == BOB and context.jwt.header["kid"] == "verify"


async def test_claims_are_readable_in_expressions_behind() -> None:
    reader = {
        "type": "StaticResponseHandler",
        "config": {
            "status": 200,
            "entity": "${contexts.jwtValidation.info.sub} ${contexts.jwtValidation.claims.getSubject()}"
            " ${contexts.jwtValidation.jwt.header.alg}",
        },
    }
    chain = {"type": "Chain", "config": {"filters": [_filter()], "handler": reader}}
    outcome = await run(chain, attributes={"jwt": _signed({"sub": BOB})})
    assert outcome.text == f"{BOB} {BOB} HS256"


@pytest.mark.parametrize(
    "jwt",
    [
        None,
        5,
        "",
        "x",
        "a.b.c",
        _signed({"sub": BOB}, CryptoKey(secret=bytes(32))),
        _signed({}, kid="../verify") + "x",
    ],
)
async def test_jwt_that_does_not_hold_is_403_with_an_empty_body(jwt: object) -> None:
    outcome = await _outcome(jwt)
    assert outcome.status == 403 and outcome.text == "" and outcome.seen == []


async def test_attacks_are_refused() -> None:
    claims = base64.urlsafe_b64encode(b'{"sub":"eve"}').rstrip(b"=").decode()
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    own = _signed({"sub": "eve"}, CryptoKey(secret=bytes(32)), jku="https://evil.example", kid="../../etc/passwd")
    for token in (f"{none}.{claims}.", own, "A" * 300_000 + ".B.C"):
        assert (await _outcome(token)).status == 403


@pytest.mark.parametrize(
    ("claims", "now", "passes"),
    [
        ({"exp": NOON}, NOON + 119.9, True),
        ({"exp": NOON}, NOON + 120, False),
        ({"nbf": NOON}, NOON - 120, True),
        ({"nbf": NOON}, NOON - 120.1, False),
        ({"iat": NOON}, NOON - 120, True),
        ({"iat": NOON}, NOON - 120.1, False),
        ({}, NOON, True),
    ],
)
async def test_times_hold_within_the_skew(claims: dict[str, Any], now: float, passes: bool) -> None:
    outcome = await _outcome(_signed(claims), now, skewAllowance="2 minutes")
    assert outcome.status == (200 if passes else 403)


async def test_failure_handler_sees_every_violation() -> None:
    outcome = await _outcome(_signed({"exp": NOON - 1, "nbf": NOON + 1}), failureHandler=FAILURE)
    assert outcome.status == 401
    assert "the token has expired" in outcome.text and "not valid yet" in outcome.text


async def test_failure_handler_answers_a_missing_jwt_too() -> None:
    outcome = await _outcome(None, failureHandler=FAILURE)
    assert outcome.status == 401 and "there is no JWT" in outcome.text


async def test_encrypted_jwt_is_read_with_the_decryption_key() -> None:
    token = encrypt(json.dumps({"sub": BOB}).encode(), KEY, {"alg": "dir", "enc": "A256GCM"})
    config = {"verificationSecretId": None, "decryptionSecretId": "verify"}
    assert (await _outcome(token, **config)).forwarded.context.info == {"sub": BOB}
    assert (await _outcome(_signed({}), **config)).status == 403


async def test_zip_bomb_is_refused() -> None:
    bomb = encrypt(b'{"a":"' + b"a" * 5_000_000 + b'"}', KEY, {"alg": "dir", "enc": "A256GCM", "zip": "DEF"})
    outcome = await _outcome(bomb, verificationSecretId=None, decryptionSecretId="verify", failureHandler=FAILURE)
    assert outcome.status == 401 and "larger than 32768" in outcome.text


async def test_without_verification_secret_the_signature_is_not_looked_at() -> None:
    token = _signed({"sub": BOB}, CryptoKey(secret=bytes(32)))
    assert (await _outcome(token, verificationSecretId=None)).status == 200


async def test_missing_keys_are_an_invalid_jwt() -> None:
    assert (await _outcome(_signed({}), verificationSecretId="no.such")).status == 403


async def test_customizer_adds_violations() -> None:
    class Demands(JwtValidatorCustomizer):
        async def customize(self, builder: JwtValidatorBuilder, context: Any, request: Any) -> None:
            builder.claim("name", str, is_equal_to("demo"))

    async with started(_filter(failureHandler=FAILURE)) as tested:
        tested.customizer = Demands.model_construct()
        refused = await exchange(tested, attributes={"jwt": _signed({"name": "eve"})})
        passed = await exchange(tested, attributes={"jwt": _signed({"name": "demo"})})
    assert refused.status == 401 and "'name'" in refused.text and passed.status == 200


async def test_nothing_of_the_token_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    token = _signed({"sub": canary("subject"), "exp": 1}, kid=canary("kid"))
    await _outcome(token)
    await _outcome(token + "x")
    assert token[:40] not in caplog.text


@pytest.mark.parametrize("missing", ["jwt", "secretsProvider"])
def test_required_properties(missing: str) -> None:
    declaration = _filter()
    del declaration["config"][missing]
    assert missing in problems(declaration)[0]


def test_unlimited_skew_stops_the_load() -> None:
    assert problems(_filter(skewAllowance="unlimited"))
