"""The circuit breaker opens after too many failures and learns by trial when to close."""

from __future__ import annotations

import asyncio

import pytest

from gateway.client.errors import CircuitOpen
from gateway.errors import ClientDisconnected
from gateway.resilience import CircuitBreaker, State


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def fine() -> str:
    return "fine"


async def broken() -> str:
    raise RuntimeError("broken")


async def fail(breaker: CircuitBreaker, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(RuntimeError):
            await breaker.call(broken)


async def test_failures_in_a_row_open_it(clock):
    breaker = CircuitBreaker(2, 10, clock=clock)
    await fail(breaker)
    assert await breaker.call(fine) == "fine"
    await fail(breaker)
    assert breaker.state is State.CLOSED
    await fail(breaker)
    assert breaker.state is State.OPEN
    with pytest.raises(CircuitOpen):
        await breaker.call(fine)


async def test_failures_within_the_window_open_it(clock):
    breaker = CircuitBreaker(2, 10, window=3, clock=clock)
    await fail(breaker)
    await breaker.call(fine)
    await breaker.call(fine)
    await fail(breaker)
    assert breaker.state is State.CLOSED  # the first one has left the window
    await breaker.call(fine)
    await fail(breaker)
    assert breaker.state is State.OPEN


async def test_a_trial_that_succeeds_closes_it(clock):
    breaker = CircuitBreaker(1, 10, clock=clock)
    await fail(breaker)
    clock.now = 10
    assert breaker.state is State.HALF_OPEN
    await breaker.call(fine)
    assert breaker.state is State.CLOSED


async def test_a_trial_that_fails_opens_it_again(clock):
    breaker = CircuitBreaker(3, 10, window=5, clock=clock)
    await fail(breaker, 3)
    clock.now = 10
    await fail(breaker)
    assert breaker.state is State.OPEN
    clock.now = 19
    assert breaker.state is State.OPEN


async def test_one_trial_passes_at_a_time(clock):
    breaker = CircuitBreaker(1, 10, clock=clock)
    await fail(breaker)
    clock.now = 10
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def slow() -> str:
        return await answer

    trial = asyncio.ensure_future(breaker.call(slow))
    await asyncio.sleep(0)
    with pytest.raises(CircuitOpen):
        await breaker.call(fine)
    answer.set_result("late")
    assert await trial == "late"
    assert breaker.state is State.CLOSED


@pytest.mark.parametrize("error", [asyncio.CancelledError(), ClientDisconnected("gone")])
async def test_a_client_that_goes_away_says_nothing_of_the_other_side(clock, error):
    async def abandoned() -> str:
        raise error

    breaker = CircuitBreaker(1, 10, clock=clock)
    with pytest.raises(type(error)):
        await breaker.call(abandoned)
    assert breaker.state is State.CLOSED
    await fail(breaker)
    clock.now = 10
    with pytest.raises(type(error)):
        await breaker.call(abandoned)
    await breaker.call(fine)
    assert breaker.state is State.CLOSED


async def test_without_trial_it_closes_when_its_time_is_over_and_counts_anew(clock):
    breaker = CircuitBreaker(2, 10, trial=False, clock=clock)
    await fail(breaker, 2)
    clock.now = 10
    assert breaker.state is State.CLOSED
    await fail(breaker)
    assert breaker.state is State.CLOSED
    await fail(breaker)
    assert breaker.state is State.OPEN


async def test_a_call_from_before_the_opening_does_not_count(clock):
    breaker = CircuitBreaker(1, 10, clock=clock)
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def slow() -> str:
        return await answer

    old = asyncio.ensure_future(breaker.call(slow))
    await asyncio.sleep(0)
    await fail(breaker)
    answer.set_result("late")
    assert await old == "late"
    assert breaker.state is State.OPEN
