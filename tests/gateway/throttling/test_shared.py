"""Counts that several gateways share through a real Redis."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.canaries import canary
from tests.gateway.scripted import exchange, started
from tests.gateway.servers import needs_redis, redis_server

pytestmark = needs_redis
PROCESS = """
import asyncio, json, sys
from tests.gateway.scripted import exchange, started

async def main(declaration, requests):
    async with started(declaration) as tested:
        outcomes = await asyncio.gather(*[exchange(tested) for _ in range(requests)])
        print(sum(outcome.status == 200 for outcome in outcomes))

asyncio.run(main(json.loads(sys.argv[1]), int(sys.argv[2])))
"""


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


def shared(url: str, name: str, requests: int = 3, **config: Any) -> dict[str, Any]:
    rate = {"numberOfRequests": requests, "duration": "1 hour"}
    counts = {"url": url, "name": name, "timeout": "10 seconds"}
    return {"type": "ThrottlingFilter", "config": {"rate": rate, "sharedCounts": counts, **config}}


async def statuses(tested: Any, number: int) -> list[int]:
    return [(await exchange(tested)).status for _ in range(number)]


async def test_two_filters_of_one_name_share_their_counts(redis_url: str) -> None:
    async with started(shared(redis_url, "two")) as first, started(shared(redis_url, "two")) as second:
        assert await statuses(first, 2) == [200, 200]
        assert await statuses(second, 2) == [200, 429]
        outcome = await exchange(first)
    assert outcome.status == 429
    assert 1190 <= int(outcome.headers["Retry-After"][0]) <= 1200


async def test_filters_of_other_names_do_not(redis_url: str) -> None:
    async with started(shared(redis_url, "one")) as first, started(shared(redis_url, "other")) as second:
        assert await statuses(first, 4) == [200, 200, 200, 429]
        assert await statuses(second, 1) == [200]


async def test_the_groups_are_counted_apart_and_their_names_are_not_told_to_redis(redis_url: str) -> None:
    from redis.asyncio import Redis

    declaration = shared(redis_url, "groups", 1, requestGroupingPolicy="${request.headers['Authorization'][0]}")
    async with started(declaration) as tested:
        for name in (canary("a"), canary("b")):
            for expected in (200, 429):
                assert (await exchange(tested, {"headers": {"Authorization": name}})).status == expected
    async with Redis.from_url(redis_url, decode_responses=True) as redis:
        keys = [key async for key in redis.scan_iter("gatewright:throttling:groups:*")]
        assert len(keys) == 2
        assert not any("Cnry" in key for key in keys)
        assert 0 < await redis.pttl(keys[0]) <= 3_600_001


async def test_another_rate_begins_with_a_full_bucket(redis_url: str) -> None:
    async with started(shared(redis_url, "rates", 1)) as first, started(shared(redis_url, "rates", 2)) as second:
        assert await statuses(first, 2) == [200, 429]
        assert await statuses(second, 3) == [200, 200, 429]
        assert await statuses(first, 2) == [200, 429]


async def test_two_processes_together_let_no_more_pass_than_the_rate(redis_url: str) -> None:
    declaration = json.dumps(shared(redis_url, "processes", 50))
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", PROCESS, declaration, "40",
            stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[3],
        )
        for _ in range(2)
    ]  # fmt: skip
    passed = [int((await process.communicate())[0]) for process in processes]
    assert sum(passed) == 50
    assert all(passed)


async def test_a_password_of_a_secret_store_opens_redis(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from redis.asyncio import Redis

    async with Redis.from_url(redis_url) as redis:
        await redis.acl_setuser(
            "gw",
            enabled=True,
            passwords=["+" + canary("redis")],
            keys=["*"],
            categories=["+@all"],
            reset_passwords=True,
        )
    monkeypatch.setenv("REDIS_PASSWORD", canary("redis"))
    store = {"type": "SystemAndEnvSecretStore", "config": {"format": "PLAIN"}}
    counts = {"username": "gw", "passwordSecretId": "redis.password", "secretsProvider": store}
    declaration = shared(redis_url, "password")
    declaration["config"]["sharedCounts"].update(counts)
    async with started(declaration) as first, started(declaration) as second:
        assert await statuses(first, 2) == [200, 200]
        assert await statuses(second, 2) == [200, 429]
    assert "cannot be reached" not in caplog.text


async def test_a_redis_that_cannot_be_reached_leaves_each_gateway_its_own_count(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    declaration = shared(f"unix://{tmp_path / 'nobody'}", "away")
    async with started(declaration) as first, started(declaration) as second:
        assert await statuses(first, 4) == [200, 200, 200, 429]
        assert await statuses(second, 4) == [200, 200, 200, 429]
    assert caplog.text.count("this gateway counts on its own") == 2


async def test_counts_are_shared_again_when_redis_is_back(tmp_path: Path) -> None:
    with redis_server(tmp_path) as url:
        socket = Path(url.removeprefix("unix://"))
        away = socket.with_name("away")
        declaration = shared(url, "back", 1)
        async with started(declaration) as first, started(declaration) as second:
            socket.rename(away)
            assert await statuses(first, 1) == [200]
            away.rename(socket)
            first._buckets._not_before = 0.0
            assert await statuses(second, 1) == [200]
            assert await statuses(first, 1) == [429]


async def test_a_missing_client_of_redis_is_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "redis.exceptions", None)
    async with started(shared("redis://localhost", "missing", 1)) as tested:
        assert await statuses(tested, 2) == [200, 429]
    assert "the Python package redis is not installed" in caplog.text
