"""CircuitBreakerFilter: failures open the circuit, and time closes it."""

import pytest

from gateway.client.errors import CircuitOpen
from gateway.errors import UpstreamError
from tests.gateway.scripted import answer, build, exchange, failing, problems

BROKEN = failing(UpstreamError("refused"))


def breaker(**config) -> dict:
    return {"type": "CircuitBreakerFilter", "config": {"maxFailures": 2, "openDuration": "1 hour", **config}}


async def outcomes(tested, *answers) -> list:
    """Status or kind of error of each exchange."""
    found = []
    for one in answers:
        try:
            found.append((await exchange(tested, next=one)).status)
        except Exception as error:
            found.append(type(error))
    return found


async def test_failures_in_a_row_open_the_circuit():
    found = await outcomes(build(breaker()), BROKEN, answer(), BROKEN, BROKEN, answer())
    assert found == [UpstreamError, 200, UpstreamError, UpstreamError, CircuitOpen]


async def test_a_sliding_counter_counts_among_the_last_exchanges():
    tested = build(breaker(slidingCounter={"size": 3}))
    assert await outcomes(tested, BROKEN, answer(), BROKEN, answer()) == [
        UpstreamError,
        200,
        UpstreamError,
        CircuitOpen,
    ]


async def test_an_error_status_is_no_failure():
    assert await outcomes(build(breaker()), *[answer(503)] * 4) == [503] * 4


async def test_the_open_handler_answers_while_the_circuit_is_open():
    handler = {"type": "StaticResponseHandler", "config": {"status": 503}}
    tested = build(breaker(openHandler=handler, maxFailures=1))
    assert await outcomes(tested, BROKEN, answer()) == [UpstreamError, 503]


async def test_the_open_circuit_of_another_is_a_failure_like_any():
    handler = {"type": "StaticResponseHandler", "config": {"status": 503}}
    inner = failing(CircuitOpen("another circuit"))
    assert await outcomes(build(breaker(openHandler=handler)), inner, inner, answer()) == [
        CircuitOpen,
        CircuitOpen,
        503,
    ]


async def test_when_the_time_is_over_it_counts_anew():
    tested = build(breaker(openDuration="1 ns"))
    assert await outcomes(tested, BROKEN, BROKEN, answer(), BROKEN, answer()) == [
        UpstreamError, UpstreamError, 200, UpstreamError, 200
    ]  # fmt: skip


async def test_the_default_answer_of_an_open_circuit_is_500():
    tested = build(breaker(maxFailures=1))
    with pytest.raises(UpstreamError):
        await exchange(tested, next=BROKEN)
    with pytest.raises(CircuitOpen) as caught:
        await exchange(tested)
    assert caught.value.code == 500
    assert "circuit breaker is open" in str(caught.value)


@pytest.mark.parametrize(
    "config",
    [{"maxFailures": 0}, {"slidingCounter": {"size": 2}}, {"openDuration": "2 days"}, {"openDuration": "unlimited"},
     {"openDuration": "zero"}],
)  # fmt: skip
def test_mistakes_are_found_when_the_filter_is_loaded(config):
    assert len(problems(breaker(**config))) == 1
