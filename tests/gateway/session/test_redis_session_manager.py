"""RedisSessionManager on a real Redis: shared sessions, what the database knows, a server that comes and goes."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from gateway.errors import ExchangeError
from gateway.session.redis_session_manager import RedisSessionManager
from tests.gateway.scripted import build, problems
from tests.gateway.servers import free_port, needs_redis, redis_server
from tests.gateway.session.support import Browser


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@asynccontextmanager
async def _manager(url: str, redis: dict[str, Any] | None = None, **config: Any) -> AsyncIterator[RedisSessionManager]:
    manager = build({"type": "RedisSessionManager", "config": {"redis": {"url": url, **(redis or {})}, **config}})
    try:
        yield manager
    finally:
        await manager.stop()


@needs_redis
async def test_gateways_share_a_session(redis_url: str) -> None:
    async with _manager(redis_url) as one, _manager(redis_url) as two:
        browser = Browser(one)
        await browser.put(user="bob", cart=[1])
        assert browser.lines == [f"IG_SESSIONID={browser.cookies['IG_SESSIONID']}; Path=/; HttpOnly"]
        other = Browser(two, browser.cookies)
        assert await other.content() == {"user": "bob", "cart": [1]}
        await other.visit(lambda session: session["cart"].append(2))
        assert other.lines == []
        assert await browser.content() == {"user": "bob", "cart": [1, 2]}


@needs_redis
async def test_database_knows_only_a_hash_of_the_id_and_forgets_in_time(redis_url: str) -> None:
    async with _manager(redis_url, timeout="1 hour", keyPrefix="test:") as manager, Redis.from_url(redis_url) as redis:
        browser = Browser(manager)
        await browser.put(user="bob")
        names = await redis.keys("test:*")
        assert len(names) == 1 and browser.cookies["IG_SESSIONID"].encode() not in names[0]
        await redis.expire(names[0], 100)
        await browser.content()
        assert 3500 < await redis.ttl(names[0]) <= 3600


@needs_redis
async def test_cookie_that_is_replayed_after_logout_finds_nothing(redis_url: str) -> None:
    async with _manager(redis_url) as manager:
        browser = Browser(manager)
        await browser.put(user="bob")
        stolen = Browser(manager, browser.cookies)
        await browser.visit(lambda session: session.clear())
        assert await stolen.content() == {}


@needs_redis
@pytest.mark.parametrize("value", ["", "guess", "x" * 5000])
async def test_unknown_id_is_a_new_session_with_an_id_of_its_own(value: str, redis_url: str) -> None:
    async with _manager(redis_url) as manager:
        browser = Browser(manager, {"IG_SESSIONID": value})
        assert await browser.content() == {}
        await browser.put(a=1)
        assert browser.cookies["IG_SESSIONID"] != value


@needs_redis
async def test_redis_that_is_gone_is_503_and_works_again_when_it_is_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    async with _manager(f"redis://127.0.0.1:{port}/0") as manager:
        browser = Browser(manager, {"IG_SESSIONID": "canary-id"})
        for _ in range(2):
            with pytest.raises(ExchangeError, match="does not answer") as caught:
                await browser.put(user="canary-user")
            assert caught.value.code == 503 and "canary" not in str(caught.value)
        with _Server(port, tmp_path):
            await browser.put(user="bob")
            assert await browser.content() == {"user": "bob"}
        with pytest.raises(ExchangeError, match="does not answer"):
            await browser.content()
    assert "canary" not in caplog.text


@needs_redis
async def test_request_that_does_not_use_its_session_does_not_ask_redis() -> None:
    async with _manager("redis://127.0.0.1:1/0") as manager:
        await Browser(manager, {"IG_SESSIONID": "x"}).visit(load=False)


class _Server:
    """A redis-server on a given port: the one that comes back."""

    def __init__(self, port: int, directory: Path) -> None:
        self.command = [
            "redis-server",
            "--port",
            str(port),
            "--save",
            "",
            "--bind",
            "127.0.0.1",
            "--dir",
            str(directory),
        ]

    def __enter__(self) -> None:
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "eady to accept connections" in line:
                return
        raise RuntimeError("redis-server did not start")

    def __exit__(self, *_: object) -> None:
        assert self.process.stdout is not None
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


@needs_redis
async def test_password_comes_from_the_secrets_provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_PASS", "canary-pass")
    store = {"type": "SystemAndEnvSecretStore", "config": {"format": "PLAIN"}}
    with redis_server(tmp_path) as url:
        async with Redis.from_url(url) as redis:
            await redis.config_set("requirepass", "canary-pass")
        async with _manager(url, {"passwordSecretId": "redis.pass", "secretsProvider": store}) as manager:
            browser = Browser(manager)
            await browser.put(a=1)
            assert await browser.content() == {"a": 1}
        async with _manager(url) as manager:
            with pytest.raises(ExchangeError, match="does not answer") as caught:
                await Browser(manager).put(a=1)
            assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "config",
    [
        {"redis": {"url": "http://x"}},
        {"redis": {"url": "redis://x", "passwordSecretId": "a"}},
        {"redis": {"url": "redis://x"}, "timeout": "unlimited"},
        {"redis": {"url": "redis://x"}, "timeout": "zero"},
    ],
)
def test_what_cannot_work_stops_the_load(config: dict[str, Any]) -> None:
    assert problems({"type": "RedisSessionManager", "config": config})
