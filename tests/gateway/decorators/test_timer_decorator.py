"""TimerDecorator: times in the log and in the metrics."""

import re

import pytest

from gateway.errors import UpstreamError
from gateway.metrics.registry import METRICS
from gateway.metrics.series import Distribution
from tests.gateway.scripted import build, exchange, failing, problems

HANDLER = {"name": "hello", "type": "StaticResponseHandler", "config": {"status": 200}}


@pytest.fixture(autouse=True)
def _info(caplog):
    caplog.set_level("INFO", "gatewright.TimerDecorator")


def count(name: str, decorated: str) -> float:
    labels = {
        "decorated_object": decorated,
        "heap": "gateway",
        "name": "timer",
        "route": "",
        "router": "gateway._router",
    }
    family = METRICS.snapshot().families.get(f"ig_timerdecorator_{name}_seconds")
    found = family.samples.get(tuple(labels.items())) if family is not None else None
    return found.count if isinstance(found, Distribution) else 0


async def test_a_handler(caplog):
    before = count("handler_elapsed", "hello")
    chain = {"type": "Chain", "config": {"filters": [], "handler": "hello"}}
    tested = build(chain, heap=[{**HANDLER, "timer": True}])
    await exchange(tested)
    assert re.fullmatch(r"Elapsed time: \d+ ms", caplog.records[0].getMessage())
    assert caplog.records[0].name == "gatewright.TimerDecorator.timer.hello"
    assert count("handler_elapsed", "hello") == before + 1


async def test_a_filter_shows_what_follows_apart(caplog):
    tested = build({"type": "DateHeaderFilter", "timer": True})
    await exchange(tested)
    assert re.fullmatch(
        r"Elapsed time: \d+ ms \(internal: \d+ ms, downstream: \d+ ms\)", caplog.records[0].getMessage()
    )
    for name in ("filter_elapsed", "filter_internal", "filter_downstream"):
        assert count(name, "scripted.tested") > 0


async def test_a_failure_takes_time_too(caplog):
    with pytest.raises(UpstreamError):
        await exchange(build({"type": "DateHeaderFilter", "timer": True}), next=failing(UpstreamError("refused")))
    assert len(caplog.records) == 1


async def test_the_unit_can_be_chosen(caplog):
    heap = [{"name": "fine", "type": "TimerDecorator", "config": {"timeUnit": "microseconds"}}]
    await exchange(build({**HANDLER, "fine": True}, heap=heap))
    assert re.fullmatch(r"Elapsed time: \d+ microseconds", caplog.records[0].getMessage())


async def test_false_switches_off(caplog):
    await exchange(build({**HANDLER, "timer": False}))
    assert caplog.records == []


def test_mistakes_are_found_when_it_is_loaded():
    heap = [{"name": "t", "type": "TimerDecorator", "config": {"timeUnit": "parsecs"}}]
    assert problems(HANDLER, heap=heap) == ['"parsecs" is no unit of time']
    assert problems({**HANDLER, "timer": "often"})
