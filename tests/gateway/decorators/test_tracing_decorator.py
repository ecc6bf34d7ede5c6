"""TracingDecorator: spans of handlers and filters, where tracing is on."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gateway import tracing
from gateway.errors import UpstreamError
from tests.canaries import canary
from tests.gateway.scripted import build, exchange, failing, run
from tests.gateway.spans import recorded

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
INNER = {"name": "inner", "type": "StaticResponseHandler", "tracing": True,
         "config": {"status": 200, "entity": "${request.headers['traceparent'][0]}"}}  # fmt: skip
CHAIN = {"type": "Chain", "tracing": True, "config": {"filters": [{"type": "DateHeaderFilter", "tracing": True}],
                                                      "handler": "inner"}}  # fmt: skip


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    with recorded() as exporter:
        yield exporter


async def test_without_tracing_nothing_is_decorated():
    assert (await run(CHAIN, heap=[INNER])).text == ""
    assert not tracing.enabled()


async def test_spans_are_children_of_the_caller_and_of_each_other(spans):
    outcome = await run(CHAIN, {"headers": {"traceparent": f"00-{TRACE}-{PARENT}-01"}}, heap=[INNER])
    inner, middle, outer = spans.get_finished_spans()
    assert [span.name for span in (outer, middle, inner)] == [
        "Chain scripted.tested", "DateHeaderFilter scripted.tested.filters", "StaticResponseHandler inner"
    ]  # fmt: skip
    assert f"{outer.parent.span_id:016x}" == PARENT
    assert middle.parent.span_id == outer.context.span_id
    assert inner.parent.span_id == middle.context.span_id
    assert outcome.text == f"00-{TRACE}-{inner.context.span_id:016x}-01"
    assert inner.attributes["http.response.status_code"] == 200


@pytest.mark.shows_secrets("an exception", reason="the test raises it itself")
async def test_a_failure_marks_the_span_without_its_message(spans):
    tested = build({"type": "DateHeaderFilter", "tracing": True})
    with pytest.raises(UpstreamError):
        await exchange(tested, next=failing(UpstreamError(f"token={canary('token')}")))
    (span,) = spans.get_finished_spans()
    assert span.attributes["error.type"] == "UpstreamError"
    assert not span.status.is_ok
    assert "s3cret" not in span.to_json()


async def test_false_switches_off(spans):
    await run({**INNER, "tracing": False})
    assert spans.get_finished_spans() == ()
