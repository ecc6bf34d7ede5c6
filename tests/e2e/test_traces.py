"""Traces through a whole gateway: its spans continue that of the client, and the upstream is told of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from tests.canaries import canary
from tests.e2e.gateway_in_process import OK, RawUpstream, proxying, route
from tests.gateway.servers import free_port
from tests.gateway.spans import recorded

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
REQUEST = f"GET /a?token={canary('query')} HTTP/1.1\r\nHost: a\r\ntraceparent: 00-{TRACE}-{PARENT}-01\r\n\r\n".encode()


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    with recorded() as exporter:
        yield exporter


async def test_an_exchange_is_a_span_of_the_client_s_trace_around_one_for_the_upstream(
    tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    async with RawUpstream(OK) as upstream, proxying(tmp_path, upstream) as gateway:
        assert (await gateway.send(REQUEST)).status == 200
    client, server = spans.get_finished_spans()
    assert [(span.name, span.kind) for span in (server, client)] == [
        ("GET proxy", SpanKind.SERVER),
        ("GET", SpanKind.CLIENT),
    ]
    assert server.parent is not None and f"{server.parent.span_id:016x}" == PARENT
    assert client.parent is not None and client.parent.span_id == server.context.span_id
    assert upstream.requests[0].all("traceparent") == [f"00-{TRACE}-{client.context.span_id:016x}-01"]
    assert dict(server.attributes or {}) == {
        "http.request.method": "GET",
        "url.scheme": "http",
        "url.path": "/a",
        "http.response.status_code": 200,
        "gatewright.route": "proxy",
    }
    assert (client.attributes or {})["server.port"] == upstream.port


async def test_a_failed_upstream_fails_both_spans(tmp_path: Path, spans: InMemorySpanExporter) -> None:
    async with proxying(tmp_path, f"http://127.0.0.1:{free_port()}") as gateway:
        assert (await gateway.send(REQUEST)).status == 502
    client, server = spans.get_finished_spans()
    assert (client.attributes or {})["error.type"] == "ConnectFailed"
    assert (server.attributes or {})["error.type"] == "502"
    assert not client.status.is_ok and not server.status.is_ok


async def test_each_try_is_a_span(tmp_path: Path, spans: InMemorySpanExporter) -> None:
    retries = {"count": 2, "delay": "1 ms", "condition": "${response.status.code == 503}"}
    busy = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
    async with RawUpstream(busy) as upstream, proxying(tmp_path, upstream, handler={"retries": retries}) as gateway:
        assert (await gateway.send(REQUEST)).status == 503
    *tries, server = spans.get_finished_spans()
    assert len(tries) == len({span.context.span_id for span in tries}) == 3
    assert {span.parent and span.parent.span_id for span in tries} == {server.context.span_id}


async def test_a_request_that_no_route_takes_has_a_span_without_a_route(
    tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    closed = {"closed": route("http://127.0.0.1:1", condition="${false}")}
    async with proxying(tmp_path, routes=closed) as gateway:
        assert (await gateway.send(REQUEST)).status == 404
    (server,) = spans.get_finished_spans()
    assert server.name == "GET"
    assert server.status.is_unset


async def test_without_tracing_the_client_s_trace_goes_on_untouched(tmp_path: Path) -> None:
    async with RawUpstream(OK) as upstream, proxying(tmp_path, upstream) as gateway:
        await gateway.send(REQUEST)
    assert upstream.requests[0].all("traceparent") == [f"00-{TRACE}-{PARENT}-01"]
