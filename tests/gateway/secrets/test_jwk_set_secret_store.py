"""JwkSetSecretStore: fetched when needed, fetched again for unknown keys, and kept when it cannot be fetched."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.handlers.base import Handler
from gateway.http.context import Context
from gateway.http.message import Request, Response
from gateway.jose.keys import jwk_of
from gateway.secrets.jwk_set_secret_store import JwkSetSecretStore
from gateway.secrets.leases import REFRESH_FAILURES
from gateway.secrets.secret import CryptoKey, NoSuchSecret, Purpose
from tests.gateway.scripted import build, problems

URL = "https://issuer.example.com/jwks"


class Issuer(Handler):
    """Answers with a key set, or as it is told."""

    keys: list[dict[str, Any]] = []
    answer: Any = None
    requests: list[str] = []

    async def handle(self, context: Context, request: Request) -> Response:
        self.requests.append(f"{request.method} {request.uri}")
        if self.answer is not None:
            return self.answer()  # type: ignore[no-any-return]
        response = Response(200)
        response.entity.json = {"keys": self.keys}
        return response


def _jwk(kid: str, **members: Any) -> dict[str, Any]:
    private = ec.generate_private_key(ec.SECP256R1())
    return {**jwk_of(CryptoKey(private.public_key(), stable_id=kid)), **members}


class _World:
    def __init__(self, **config: Any) -> None:
        self.now = 1000.0
        self.issuer = Issuer.model_construct(keys=[_jwk("one"), _jwk("two")], answer=None, requests=[])
        self.store: JwkSetSecretStore = build({"type": "JwkSetSecretStore", "config": {"jwkUrl": URL, **config}})
        self.store.handler = self.issuer
        self.store._clock = lambda: self.now

    @property
    def fetches(self) -> int:
        return len(self.issuer.requests)

    async def valid(self, secret_id: str = "any.id", **query: Any) -> list[str]:
        return [key.stable_id for key in await self.store.valid(secret_id, Purpose.VERIFY, **query)]

    async def named(self, kid: str) -> bool:
        try:
            return (await self.store.named("any.id", Purpose.VERIFY, kid)).stable_id == kid
        except NoSuchSecret:
            return False


async def test_set_is_fetched_once_and_serves_any_id() -> None:
    world = _World()
    assert world.fetches == 0
    assert await world.valid() == await world.valid("other") == ["one", "two"]
    assert await world.named("two")
    assert world.issuer.requests == [f"GET {URL}"]
    assert (await world.store.key("x", Purpose.VERIFY)).stable_id == "one"


async def test_set_is_fetched_again_after_the_cache_timeout() -> None:
    world = _World(cacheTimeout="1 minute")
    await world.valid()
    world.now += 59.9
    await world.valid()
    assert world.fetches == 1
    world.now += 0.1
    await world.valid()
    assert world.fetches == 2


async def test_new_kid_is_found_by_fetching_again() -> None:
    world = _World()
    await world.valid()
    world.issuer.keys.append(_jwk("three"))
    assert await world.named("three")
    assert world.fetches == 2


async def test_guessed_kids_cost_one_fetch_a_while() -> None:
    world = _World(cacheTimeout="5 minutes", cacheMissCacheTime="1 minute")
    for kid in ("a", "../b", "c" * 500):
        assert not await world.named(kid)
    assert world.fetches == 2
    world.now += 60
    assert not await world.named("d")
    assert world.fetches == 3


async def test_use_key_ops_and_alg_restrict_and_unknown_keys_are_skipped() -> None:
    world = _World()
    world.issuer.keys = [
        _jwk("enc", use="enc"),
        _jwk("ops", key_ops=["deriveKey"]),
        {"kty": "new", "kid": "new"},
        _jwk("alg", alg="ES384"),
        _jwk("fits", use="sig", alg="ES256"),
    ]
    assert await world.valid(algorithm="ES256") == ["fits"]
    with pytest.raises(NoSuchSecret):
        await world.store.password("any.id")


def _raising() -> Response:
    raise OSError("canary")


FAILURES: list[Callable[[], Response]] = [
    lambda: Response(500),
    lambda: Response(200, entity="canary, no JSON"),
    lambda: Response(200, entity="[]"),
    lambda: Response(200, entity='{"keys": []}' + " " * 3_000_000),
    _raising,
]


@pytest.mark.parametrize("failure", FAILURES)
async def test_set_that_cannot_be_fetched_leaves_the_last_good_one_with_one_line(
    failure: Callable[[], Response], caplog: pytest.LogCaptureFixture
) -> None:
    world = _World(cacheTimeout="10 seconds")
    assert await world.valid() == ["one", "two"]
    failures = REFRESH_FAILURES.count
    world.issuer.answer = failure
    for _ in range(3):
        world.now += 10
        assert await world.valid() == ["one", "two"]
    assert caplog.text.count("the keys read before stay in use") == 1 and "canary" not in caplog.text
    assert REFRESH_FAILURES.count == failures + 3
    world.issuer.answer, world.issuer.keys = None, [_jwk("new")]
    world.now += 10
    assert await world.valid() == ["new"]


async def test_set_that_was_never_there_means_no_secrets_and_is_tried_again() -> None:
    world = _World()
    world.issuer.answer = _raising
    assert await world.valid() == []
    with pytest.raises(NoSuchSecret, match="has no keys"):
        await world.store.key("x", Purpose.VERIFY)
    world.issuer.answer = None
    world.now += 1
    assert await world.valid() == ["one", "two"]


async def test_file_url_is_read_directly(tmp_path: Path) -> None:
    path = tmp_path / "my keys.json"
    path.write_text(json.dumps({"keys": [_jwk("file")]}))
    world = _World(jwkUrl=path.as_uri())
    assert await world.valid() == ["file"] and world.fetches == 0


@pytest.mark.parametrize("timeout", ["zero", "9 seconds", "unlimited"])
def test_short_timeout_is_replaced_with_a_warning(timeout: str, caplog: pytest.LogCaptureFixture) -> None:
    assert _World(cacheTimeout=timeout).store._lifetime == 120
    assert "cacheTimeout" in caplog.text


@pytest.mark.parametrize("url", ["ftp://x/y", "/etc/passwd", "https://", "x", ""])
def test_what_is_no_url_of_a_set_stops_the_load(url: str) -> None:
    assert problems({"type": "JwkSetSecretStore", "config": {"jwkUrl": url}})
