"""Lines of the log: whose exchange they are of, and that one event cannot pass for two."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import logs
from tests.gateway.instances import at, running


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the gateway writes to its log during a test."""
    stream = io.StringIO()
    handler, logger = logs.handler_for(stream), logging.getLogger("gatewright")
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


async def test_a_line_has_the_route_and_the_transaction_id_of_its_request(tmp_path: Path, written: io.StringIO) -> None:
    shown = {"messageType": "RESPONSE", "add": {"Id": ["${contexts.transactionId.transactionId.value}"]}}
    chain = {"filters": [{"type": "HeaderFilter", "config": shown}], "handler": "ReverseProxyHandler"}
    route = {
        "name": "to nowhere",
        "condition": at("/x"),
        "baseURI": "http://127.0.0.1:1",
        "handler": {"type": "Chain", "config": chain},
    }
    async with running(tmp_path, routes={"x": route}) as instance:
        answers = [await instance.get("/x") for _ in range(2)]
    lines = [line for line in written.getvalue().splitlines() if "ReverseProxyHandler" in line]
    assert [answer.status for answer in answers] == [502, 502]
    assert len(lines) == 2
    for line, answer in zip(lines, answers, strict=True):
        assert f" [to nowhere] [{answer.headers['Id']}] " in line


def test_what_is_of_no_exchange_says_so(written: io.StringIO) -> None:
    logging.getLogger("gatewright.test").warning("alone")
    assert " WARNING [-] [-] gatewright.test: alone\n" in written.getvalue()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028"])
def test_further_lines_of_an_event_are_marked(written: io.StringIO, end: str) -> None:
    logging.getLogger("gatewright.test").warning("one%stwo", end)
    first, second = written.getvalue().splitlines()
    assert first.endswith("one")
    assert second == "[CONTINUED] two"
