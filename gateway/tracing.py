"""Traces of OpenTelemetry: made and exported as `openTelemetry.tracing` of admin.json says, and not at all without it.

The libraries are an optional extra and are imported when tracing begins. The state is that of the process: spans of
all routes go to one collector.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gateway.version import VERSION

if TYPE_CHECKING:
    from gateway.application.open_telemetry import Batch, Exporter, ExporterConfig, Sampler, SpanLimits, Tracing
    from gateway.http.headers import Headers

ENDPOINT = "http://localhost:4318/v1/traces"
_LIMITS = {
    "max_event_attributes": "maxNumberOfAttributesPerEvent",
    "max_attribute_length": "maxAttributeValueLength",
    "max_attributes": "maxNumberOfAttributes",
    "max_links": "maxNumberOfLinks",
    "max_events": "maxNumberOfEvents",
    "max_link_attributes": "maxNumberOfAttributesPerLink",
}


class TracingUnavailable(RuntimeError):
    """Tracing is configured, and its libraries are not installed."""


class _State:
    """The tracer of the process, and what it exports through."""

    tracer: Any = None
    provider: Any = None


def enabled() -> bool:
    """Are traces made?"""
    return _State.tracer is not None


def start(settings: Tracing | None, exporter: Any = None) -> None:
    """Make traces from now on, if the settings enable them; `exporter` replaces the one that they describe."""
    if settings is None or not settings.enabled:
        return
    try:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
    except ImportError as error:
        raise TracingUnavailable("openTelemetry.tracing needs the packages of the extra gatewright[tracing]") from error
    resource = Resource.create({"service.name": "gatewright", **settings.resourceAttributes})
    provider = TracerProvider(
        sampler=_sampler(settings.sampler), resource=resource, span_limits=_limits(settings.spanLimits)
    )
    provider.add_span_processor(_processor(settings.exporter, exporter))
    _State.provider = provider
    _State.tracer = provider.get_tracer("gatewright", VERSION)


def stop() -> None:
    """Export what is gathered, and make no more traces."""
    provider = _State.provider
    _State.provider = _State.tracer = None
    if provider is not None:
        provider.shutdown()


@contextmanager
def span(
    name: str, attributes: Mapping[str, Any], headers: Headers | None = None, *, kind: str = "internal"
) -> Iterator[Any]:
    """A span around a block; the caller's trace in `headers` is its parent if no span is open yet.

    The kind is one of OpenTelemetry: internal, server or client. A failure marks the span with the class of the error,
    never with its message.
    """
    from opentelemetry.trace import SpanKind, Status, StatusCode

    opened = _State.tracer.start_as_current_span(
        name,
        _parent(headers),
        SpanKind[kind.upper()],
        attributes=dict(attributes),
        record_exception=False,
        set_status_on_exception=False,
    )
    with opened as current:
        try:
            yield current
        except BaseException as error:
            current.set_attribute("error.type", type(error).__name__)
            current.set_status(Status(StatusCode.ERROR))
            raise


def answered(span: Any, status: int, failed_from: int) -> None:
    """Note the status of a response; one from `failed_from` on counts as a failure."""
    from opentelemetry.trace import Status, StatusCode

    span.set_attribute("http.response.status_code", status)
    if status >= failed_from:
        span.set_attribute("error.type", str(status))
        span.set_status(Status(StatusCode.ERROR))


def pass_on(headers: Headers) -> None:
    """Write the current trace into the headers of a request (W3C trace context)."""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    for name, value in carrier.items():
        headers.set(name, value)


def _parent(headers: Headers | None) -> Any:
    """The context of the caller's trace; None where the current one decides."""
    from opentelemetry import trace
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    if headers is None or trace.get_current_span().get_span_context().is_valid:
        return None
    carrier = {name: value for name in ("traceparent", "tracestate") if (value := headers.first(name))}
    return TraceContextTextMapPropagator().extract(carrier) if carrier else None


def _sampler(settings: Sampler | None) -> Any:
    from opentelemetry.sdk.trace import sampling

    if settings is None:
        return sampling.ParentBased(sampling.ALWAYS_ON)
    kind = settings.type.value.removeprefix("parentBased")
    roots = {"alwayson": sampling.ALWAYS_ON, "alwaysoff": sampling.ALWAYS_OFF}
    root = roots.get(kind.lower()) or sampling.TraceIdRatioBased(min(max(settings.ratio / 100, 0.0), 1.0))
    return root if kind == settings.type.value else sampling.ParentBased(root)


def _limits(settings: SpanLimits | None) -> Any:
    from opentelemetry.sdk.trace import SpanLimits as Limits

    return Limits(**{name: 256 if settings is None else getattr(settings, ours) for name, ours in _LIMITS.items()})


def _processor(settings: Exporter | None, exporter: Any) -> Any:
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

    batch: Batch | None = None if settings is None else settings.batch
    if exporter is None:
        exporter = _otlp(None if settings is None else settings.config, batch)
    if batch is not None and not batch.enabled:
        return SimpleSpanProcessor(exporter)
    return BatchSpanProcessor(
        exporter,
        max_queue_size=1024 if batch is None else batch.maxQueueSize,
        schedule_delay_millis=(50 if batch is None else batch.scheduleDelay) * 1000,
        max_export_batch_size=256 if batch is None else batch.maxExportBatchSize,
        export_timeout_millis=(30 if batch is None else batch.exporterTimeout) * 1000,
    )


def _otlp(settings: ExporterConfig | None, batch: Batch | None) -> Any:
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    from gateway.collector_session import CollectorSession

    compressed = batch is None or batch.compressionMethod.value == "gzip"
    return OTLPSpanExporter(
        endpoint=(settings and settings.endpoint) or ENDPOINT,
        headers=dict(settings.headers) if settings is not None else {},
        timeout=10 if settings is None else settings.timeout,
        compression=Compression.Gzip if compressed else Compression.NoCompression,
        session=None if settings is None else CollectorSession(settings),
    )
