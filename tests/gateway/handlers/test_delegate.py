"""Delegate: acts as what it stands for, and decorates it for those who refer to the Delegate only."""

import logging

from gateway.filters.base import Filter
from gateway.handlers.base import Handler
from tests.gateway.scripted import build, exchange, problems, run

HELLO = {"name": "hello", "type": "StaticResponseHandler", "config": {"status": 200, "entity": "hello"}}


async def test_it_answers_as_its_handler():
    assert (await run({"type": "Delegate", "config": {"delegate": "hello"}}, heap=[HELLO])).text == "hello"


def test_it_is_of_the_kind_of_its_object():
    assert isinstance(build({"type": "Delegate", "config": {"delegate": "hello"}}, heap=[HELLO]), Handler)
    assert isinstance(build({"type": "Delegate", "config": {"delegate": {"type": "DateHeaderFilter"}}}), Filter)


def test_a_filter_does_not_become_a_handler():
    delegate = {"type": "Delegate", "config": {"delegate": {"type": "DateHeaderFilter"}}}
    found = problems({"type": "Chain", "config": {"filters": [], "handler": delegate}})
    assert any("no Handler" in message for message in found)


async def test_decorations_concern_the_delegate_only(caplog):
    caplog.set_level(logging.INFO, "gatewright.CaptureDecorator")
    decorated = build({"type": "Delegate", "capture": "all", "config": {"delegate": "hello"}}, heap=[HELLO])
    await exchange(decorated)
    assert len(caplog.records) == 2
    caplog.clear()
    await exchange(build(HELLO))
    assert caplog.records == []
