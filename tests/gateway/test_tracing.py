"""The tracer of the process: made from the openTelemetry block of admin.json."""

import gzip
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from config.load import Loader
from config.read import read_document
from expr.source import Source
from gateway import tracing
from gateway.application.admin_http_application import AdminHttpApplication
from gateway.catalog import registry


def settings(text: str):
    document = read_document(Source("admin.json", '{"openTelemetry": {"tracing": %s}}' % text))  # noqa: UP031
    return Loader(registry()).build(AdminHttpApplication, document)[1].openTelemetry.tracing


@pytest.mark.parametrize(
    ("sampler", "expected"),
    [
        ('{"type": "alwaysOn"}', "AlwaysOnSampler"),
        ('{"type": "alwaysOff"}', "AlwaysOffSampler"),
        ('{"type": "traceIdRatio", "ratio": 25}', "TraceIdRatioBased{0.25}"),
        ('{"type": "parentBasedTraceIdRatio"}', "ParentBased{root:TraceIdRatioBased{0.5}"),
        ("{}", "ParentBased{root:AlwaysOnSampler"),
    ],
)
def test_samplers(sampler, expected):
    made = tracing._sampler(settings('{"enabled": true, "sampler": %s}' % sampler).sampler)  # noqa: UP031
    assert made.get_description().startswith(expected)


def test_nothing_starts_unless_it_is_enabled():
    for one in (None, settings("{}"), settings('{"enabled": false}')):
        tracing.start(one)
        assert not tracing.enabled()


def test_batches_reach_the_exporter_when_tracing_stops():
    exporter = InMemorySpanExporter()
    tracing.start(settings('{"enabled": true, "spanLimits": {"maxAttributeValueLength": 3}}'), exporter)
    with tracing.span("one", {"text": "longer"}):
        pass
    tracing.stop()
    (span,) = exporter.get_finished_spans()
    assert (span.name, span.attributes["text"], span.resource.attributes["service.name"]) == (
        "one",
        "lon",
        "gatewright",
    )


class Collector(BaseHTTPRequestHandler):
    """Takes one export, and remembers it."""

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.exports.append((self.path, self.headers, content))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    server.exports = []
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("compression", ["gzip", "none"])
def test_spans_reach_the_collector_of_the_configuration(collector, compression):
    exporter = {
        "config": {"endpoint": f"http://127.0.0.1:{collector.server_port}/traces", "headers": {"x-key": "k"}},
        "batch": {"enabled": False, "compressionMethod": compression},
    }
    tracing.start(settings(json.dumps({"enabled": True, "exporter": exporter})))
    with tracing.span("one span", {}):
        pass
    tracing.stop()
    ((path, headers, content),) = collector.exports
    assert (path, headers["x-key"]) == ("/traces", "k")
    assert b"one span" in (gzip.decompress(content) if compression == "gzip" else content)
