from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.throttling.buckets import LocalBuckets
from gateway.throttling.rate import NANOSECONDS, ThrottlingRate


def rate_of(requests: int, seconds: float) -> ThrottlingRate:
    return ThrottlingRate.model_construct(numberOfRequests=requests, duration=seconds)


class Clock:
    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now

    def at(self, seconds: float) -> None:
        self.now = round(seconds * NANOSECONDS)


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_six_requests_pass_at_once_and_then_one_after_each_part_of_the_duration(clock: Clock) -> None:
    buckets, rate = LocalBuckets(clock), rate_of(6, 10)
    assert [await buckets.take("", rate) for _ in range(6)] == [0] * 6
    assert await buckets.take("", rate) == rate.interval
    clock.at(1.6)
    assert 0 < await buckets.take("", rate) < NANOSECONDS
    clock.at(1.67)
    assert await buckets.take("", rate) == 0
    assert await buckets.take("", rate) > 0


async def test_a_bucket_never_holds_more_than_its_capacity(clock: Clock) -> None:
    buckets, rate = LocalBuckets(clock), rate_of(2, 1)
    for moment in (0, 1000):
        clock.at(moment)
        assert [await buckets.take("", rate) == 0 for _ in range(3)] == [True, True, False]


async def test_each_partition_has_a_bucket_of_its_own(clock: Clock) -> None:
    buckets, rate = LocalBuckets(clock), rate_of(1, 1)
    assert [await buckets.take(key, rate) == 0 for key in "aab"] == [True, False, True]


async def test_another_rate_begins_with_a_full_bucket(clock: Clock) -> None:
    buckets = LocalBuckets(clock)
    for rate in (rate_of(1, 10), rate_of(1, 20), rate_of(1, 10)):
        assert await buckets.take("", rate) == 0
        assert await buckets.take("", rate) > 0


async def test_cleaning_forgets_full_buckets_only(clock: Clock) -> None:
    buckets = LocalBuckets(clock)
    await buckets.take("short", rate_of(1, 1))
    await buckets.take("long", rate_of(1, 10))
    clock.at(5)
    buckets.clean()
    assert len(buckets) == 1
    assert await buckets.take("long", rate_of(1, 10)) > 0


class Refilled:
    """The documented description, word by word: tokens, and the moment of the last refill."""

    def __init__(self, rate: ThrottlingRate) -> None:
        self.rate, self.tokens, self.refilled = rate, rate.numberOfRequests, 0

    def take(self, now: int) -> bool:
        back = (now - self.refilled) // self.rate.interval
        if self.tokens + back >= self.rate.numberOfRequests:
            self.tokens, self.refilled = self.rate.numberOfRequests, now
        else:
            self.tokens, self.refilled = self.tokens + back, self.refilled + back * self.rate.interval
        self.tokens -= taken if (taken := self.tokens > 0) else 0
        return taken


@given(requests=st.integers(1, 5), seconds=st.integers(1, 7), steps=st.lists(st.integers(0, 4000), max_size=60))
async def test_it_agrees_with_a_bucket_that_is_refilled_token_by_token(
    requests: int, seconds: int, steps: list[int]
) -> None:
    clock, rate = Clock(), rate_of(requests, seconds)
    buckets, model = LocalBuckets(clock), Refilled(rate)
    for step in steps:
        clock.now += step * 1_000_000
        wait: Any = await buckets.take("", rate)
        assert (wait == 0) == model.take(clock.now)
