"""Traces of a test, kept in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gateway import tracing
from gateway.application.open_telemetry import Batch, Exporter, Tracing
from tests.canaries import wrote


@contextmanager
def recorded() -> Iterator[InMemorySpanExporter]:
    """Tracing that is on, and exports each span as it ends."""
    exporter = InMemorySpanExporter()
    unbatched = Batch.model_construct(enabled=False)
    settings = Tracing.model_construct(
        enabled=True, exporter=Exporter.model_construct(config=None, batch=unbatched), resourceAttributes={}
    )
    tracing.start(settings, exporter)
    try:
        yield exporter
        for span in exporter.get_finished_spans():
            wrote("a trace", span.to_json())
    finally:
        tracing.stop()
