"""The tracer of the process: made from the openTelemetry block of admin.json."""

import gzip
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from config.load import Loader
from config.read import read_document
from expr.source import Source
from gateway import tracing
from gateway.application.admin_http_application import AdminHttpApplication
from gateway.catalog import registry
from tests.canaries import canary, packed, wrote
from tests.gateway.client.certificates import Authority
from tests.gateway.lint_examples import lint


def loaded(text: str):
    document = read_document(Source("admin.json", '{"openTelemetry": {"tracing": %s}}' % text))  # noqa: UP031
    return Loader(registry()).build(AdminHttpApplication, document)


def settings(text: str):
    return loaded(text)[1].openTelemetry.tracing


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
        wrote("an export", gzip.decompress(content) if self.headers["Content-Encoding"] == "gzip" else content)
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


def exporter_through_tls(directory, port: int) -> str:
    provider = {
        "type": "FileSystemSecretStore",
        "config": {"directory": str(directory), "format": {"type": "PemPropertyFormat"}},
    }
    trust = {"certificateVerificationSecretId": "ca", "checkRevocation": False, "secretsProvider": provider}
    tls = {
        "type": "ClientTlsOptions",
        "config": {"trustManager": {"type": "SecretsTrustManager", "config": trust}},
    }
    exporter = {
        "config": {"endpoint": f"https://127.0.0.1:{port}/traces", "tls": tls, "timeout": "1 second"},
        "batch": {"enabled": False},
    }
    return json.dumps({"enabled": True, "exporter": exporter})


async def test_tls_options_of_the_exporter_start_after_tracing_and_may_change(collector, tmp_path):
    one, other = Authority("one"), Authority("other")
    collector.socket = one.server_context("127.0.0.1").wrap_socket(collector.socket, server_side=True)
    (tmp_path / "ca").write_bytes(one.certificate.public_bytes(Encoding.PEM))
    heap, document = loaded(exporter_through_tls(tmp_path, collector.server_port))
    tracing.start(document.openTelemetry.tracing)
    await heap.start()
    try:
        with tracing.span("trusted", {}):
            pass
        (tmp_path / "ca").write_bytes(other.certificate.public_bytes(Encoding.PEM))
        await document.openTelemetry.tracing.exporter.config.tls.refresh()
        with tracing.span("not trusted", {}):
            pass
    finally:
        tracing.stop()
        await heap.stop()
    assert len(collector.exports) == 1


async def export(config):
    """Send one span to the collector of a configuration."""
    exporter = {"config": {"timeout": "1 second", **config}, "batch": {"enabled": False}}
    heap, document = loaded(json.dumps({"enabled": True, "exporter": exporter}))
    tracing.start(document.openTelemetry.tracing)
    await heap.start()
    try:
        with tracing.span("one span", {}):
            pass
    finally:
        tracing.stop()
        await heap.stop()


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
async def test_all_certificates_are_accepted_where_the_configuration_says_so(collector):
    collector.socket = Authority().server_context("elsewhere").wrap_socket(collector.socket, server_side=True)
    tls = {
        "type": "ClientTlsOptions",
        "config": {"trustManager": {"type": "TrustAllManager"}, "hostnameVerifier": "ALLOW_ALL"},
    }
    await export({"endpoint": f"https://127.0.0.1:{collector.server_port}/traces", "tls": tls})
    assert [path for path, *_ in collector.exports] == ["/traces"]


async def test_traces_go_through_the_proxy_with_its_credentials(collector):
    store = {
        "type": "Base64EncodedSecretStore",
        "config": {"secrets": {"proxy.pass": packed(canary("proxy"))}},
    }
    proxy = {
        "type": "CustomProxyOptions",
        "config": {
            "uri": f"http://127.0.0.1:{collector.server_port}",
            "username": "gw",
            "passwordSecretId": "proxy.pass",
            "secretsProvider": store,
        },
    }
    await export({"endpoint": "http://collector.example.com/traces", "proxyOptions": proxy})
    ((path, headers, _),) = collector.exports
    assert path == "http://collector.example.com/traces"
    assert headers["Proxy-Authorization"] == "Basic " + packed(f"gw:{canary('proxy')}")


async def test_a_configured_absence_of_proxies_counts_more_than_the_environment(collector, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    endpoint = f"http://127.0.0.1:{collector.server_port}/traces"
    await export({"endpoint": endpoint, "proxyOptions": {"type": "NoProxyOptions"}})
    assert [path for path, *_ in collector.exports] == ["/traces"]


def test_what_has_no_effect_is_said(tmp_path):
    config = {"retries": {"maxAttempts": 3}}
    text = {"openTelemetry": {"logging": {"enabled": True}, "tracing": {"exporter": {"config": config}}}}
    messages = [finding.message for finding in lint(text, tmp_path, name="admin.json")]
    assert len([one for one in messages if "retries" in one or "logging" in one]) == 2
