from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import ExchangeError
from gateway.filters.throttling_filter import ThrottlingFilter
from gateway.throttling.buckets import LocalBuckets
from tests.gateway.scripted import exchange, problems, started

RATE = {"numberOfRequests": 2, "duration": "10 seconds"}


def throttling(**config: Any) -> dict[str, Any]:
    return {"type": "ThrottlingFilter", "config": config}


def mapped(**config: Any) -> dict[str, Any]:
    return {
        "type": "MappedThrottlingPolicy",
        "config": {
            "throttlingRateMapper": "${request.queryParams['status'][0]}",
            "throttlingRatesMapping": {"gold": {"numberOfRequests": 3, "duration": "1 minute"}},
            "defaultRate": {"numberOfRequests": 1, "duration": "1 minute"},
            **config,
        },
    }


async def statuses(declaration: dict[str, Any], *uris: str) -> list[int]:
    async with started(declaration) as tested:
        return [(await exchange(tested, {"uri": f"http://a.example.com/{uri}"})).status for uri in uris]


async def test_requests_above_the_rate_are_told_when_to_come_back() -> None:
    async with started(throttling(rate=RATE)) as tested:
        for _ in range(2):
            assert (await exchange(tested)).status == 200
        outcome = await exchange(tested)
    assert (outcome.status, outcome.seen, outcome.text) == (429, [], "")
    assert outcome.headers == {"Retry-After": ["5"]}


async def test_the_time_to_come_back_is_a_second_at_least() -> None:
    async with started(throttling(rate={"numberOfRequests": 2, "duration": "1 second"})) as tested:
        outcomes = [await exchange(tested) for _ in range(3)]
    assert outcomes[2].headers == {"Retry-After": ["1"]}


async def test_all_requests_share_a_count_by_default() -> None:
    assert await statuses(throttling(rate=RATE), "a", "b", "c") == [200, 200, 429]


async def test_each_group_has_a_count_of_its_own() -> None:
    grouped = throttling(rate=RATE, requestGroupingPolicy="${request.uri.path}")
    assert await statuses(grouped, "a", "a", "a", "b") == [200, 200, 429, 200]


async def test_a_null_group_is_an_error() -> None:
    with pytest.raises(ExchangeError) as caught:
        await statuses(throttling(rate=RATE, requestGroupingPolicy="${attributes.none}"), "a")
    assert caught.value.code == 500


async def test_a_policy_chooses_the_rate() -> None:
    grouped = throttling(throttlingRatePolicy=mapped(), requestGroupingPolicy="${request.uri.query}")
    uris = ["?status=gold"] * 4 + ["?status=lead"] * 2 + ["?"] * 2
    assert await statuses(grouped, *uris) == [200, 200, 200, 429, 200, 429, 200, 429]


async def test_what_a_policy_raises_reaches_the_server() -> None:
    declaration = throttling(throttlingRatePolicy={"type": "DefaultRateThrottlingPolicy", "config": {
        "delegateThrottlingRatePolicy": mapped(), "defaultRate": RATE}})  # fmt: skip
    async with started(declaration) as tested:
        delegate = tested.throttlingRatePolicy.delegateThrottlingRatePolicy

        async def rate(*_: Any) -> None:
            raise ExchangeError("the script failed")

        object.__setattr__(delegate, "rate", rate)
        with pytest.raises(ExchangeError):
            await exchange(tested)


async def test_without_a_rate_there_is_no_limit() -> None:
    async with started(throttling(throttlingRatePolicy=mapped())) as tested:

        async def unlimited(*_: Any) -> None:
            return None

        object.__setattr__(tested.throttlingRatePolicy, "rate", unlimited)
        assert [(await exchange(tested)).status for _ in range(5)] == [200] * 5


async def test_the_default_rate_stands_in_for_none() -> None:
    policy = {
        "type": "DefaultRateThrottlingPolicy",
        "config": {"delegateThrottlingRatePolicy": mapped(), "defaultRate": RATE},
    }
    async with started(throttling(throttlingRatePolicy=policy)) as tested:

        async def unlimited(*_: Any) -> None:
            return None

        object.__setattr__(tested.throttlingRatePolicy.delegateThrottlingRatePolicy, "rate", unlimited)
        assert [(await exchange(tested)).status for _ in range(3)] == [200, 200, 429]


async def test_counts_that_are_no_longer_needed_are_removed() -> None:
    declaration = throttling(rate={"numberOfRequests": 1, "duration": "1 ms"}, cleaningInterval="1 day")
    async with started(declaration) as tested:
        assert isinstance(tested, ThrottlingFilter)
        buckets = tested._buckets
        assert isinstance(buckets, LocalBuckets)
        await exchange(tested)
        assert len(buckets) == 1
        buckets._clock = lambda: 2**63
        tested._clean()
        assert len(buckets) == 0


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "a throttling filter needs a rate"),
        ({"rate": RATE, "throttlingRatePolicy": mapped()}, "the filter has a fixed rate already"),
        ({"rate": {"numberOfRequests": 0, "duration": "1 s"}}, "a rate of 0 requests lets nothing pass"),
        ({"rate": {"numberOfRequests": 1, "duration": "unlimited"}}, "at least 1 millisecond, and not unlimited"),
        ({"rate": {"numberOfRequests": 1, "duration": "zero"}}, "at least 1 millisecond, and not unlimited"),
        ({"rate": {"numberOfRequests": 1}}, 'needs the property "duration"'),
        ({"rate": RATE, "cleaningInterval": "zero"}, "longer than zero, and not longer than 1 day"),
        ({"rate": RATE, "cleaningInterval": "2 days"}, "longer than zero, and not longer than 1 day"),
        ({"rate": RATE, "sharedCounts": {"url": "http://localhost"}}, "not the URL of a Redis server"),
        ({"rate": RATE, "sharedCounts": {"url": "redis://localhost", "passwordSecretId": "redis.password"}},
         "a password needs a secrets provider"),
    ],
)  # fmt: skip
def test_mistakes_are_found_when_it_is_built(config: dict[str, Any], message: str) -> None:
    found = problems(throttling(**config))
    assert len(found) == 1
    assert message in found[0]


def test_a_mapped_policy_needs_a_default_rate() -> None:
    config = {"throttlingRateMapper": "x", "throttlingRatesMapping": {}}
    found = problems(throttling(throttlingRatePolicy={"type": "MappedThrottlingPolicy", "config": config}))
    assert found == ['MappedThrottlingPolicy needs the property "defaultRate"']
