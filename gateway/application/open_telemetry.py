"""The `openTelemetry` block of admin.json: where traces go, and which of them; logs are not exported."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from config.declaration import NoEffect, Properties
from config.types import Duration, Ref, Static, Url
from gateway.objects.client_tls_options import ClientTlsOptions
from gateway.objects.proxy_options import ProxyOptions

_OWN_RETRIES = NoEffect("a failed export is tried again with growing waits until its timeout is over")
_SAMPLED_ONLY = NoEffect("spans that the sampler did not choose are not recorded")
_NO_LOGS = NoEffect("the log goes to standard error; let the collector read it there")


class Retries(Properties):
    """What happens when an export fails."""

    enabled: Static[bool] = True
    """Try again?"""
    maxAttempts: Static[int] = 5
    """Attempts in all."""
    initialBackoff: Duration = Field(default="1 second")
    """Wait before the second attempt."""
    maxBackoff: Duration = Field(default="5 seconds")
    """Longest wait."""
    backoffMultiplier: Static[float] = 1.5
    """Growth of the wait from one attempt to the next."""


class Compression(StrEnum):
    GZIP = "gzip"
    NONE = "none"


class ExporterConfig(Properties):
    """The collector that takes the data."""

    endpoint: Url | None = None
    """URL of the collector; http://localhost:4318/v1/traces or .../v1/logs by default."""
    connectionTimeout: Duration = Field(default="10 seconds")
    """Time to connect."""
    timeout: Duration = Field(default="10 seconds")
    """Time for one export."""
    headers: dict[str, Static[str]] = {}
    """Header fields of the export."""
    proxyOptions: Ref[ProxyOptions] | None = None
    """Forward proxy to the collector; that of the environment (HTTP_PROXY) by default."""
    retries: Annotated[Retries | None, _OWN_RETRIES] = None
    """What happens when an export fails."""
    tls: Ref[ClientTlsOptions] | None = None
    """TLS options of the connection."""
    compressionMethod: Static[Compression] = Compression.GZIP
    """Compression of exported logs."""


class Batch(Properties):
    """How spans or log records are gathered before they are exported."""

    enabled: Static[bool] = True
    """Export in batches?"""
    compressionMethod: Static[Compression] = Compression.GZIP
    """Compression of a batch."""
    scheduleDelay: Duration = Field(default="50 seconds")
    """Time between two exports."""
    maxQueueSize: Static[int] = 1024
    """Spans that may wait."""
    maxExportBatchSize: Static[int] = 256
    """Spans of one export."""
    exporterTimeout: Duration = Field(default="30 seconds")
    """Time for one export."""
    exportUnsampledSpans: Annotated[Static[bool], _SAMPLED_ONLY] = False
    """Export spans that the sampler did not choose?"""


class Exporter(Properties):
    """What sends the data on."""

    type: Static[str] = "otlp"
    """Protocol: otlp."""
    config: ExporterConfig | None = None
    """The collector."""
    batch: Batch | None = None
    """Batches."""


class SamplerType(StrEnum):
    ALWAYS_ON = "alwaysOn"
    ALWAYS_OFF = "alwaysOff"
    TRACE_ID_RATIO = "traceIdRatio"
    PARENT_BASED_ALWAYS_ON = "parentBasedAlwaysOn"
    PARENT_BASED_ALWAYS_OFF = "parentBasedAlwaysOff"
    PARENT_BASED_TRACE_ID_RATIO = "parentBasedTraceIdRatio"


class Sampler(Properties):
    """Which traces are recorded."""

    type: Static[SamplerType] = SamplerType.PARENT_BASED_ALWAYS_ON
    """How the choice is made."""
    ratio: Static[float] = 50
    """Percent of the traces, for the two ratio samplers."""


class SpanLimits(Properties):
    """Limits of one span."""

    maxNumberOfAttributesPerEvent: Static[int] = 256
    """Attributes of one event that are kept; 256 by default."""
    maxAttributeValueLength: Static[int] = 256
    """Characters of an attribute's value that are kept; 256 by default."""
    maxNumberOfAttributes: Static[int] = 256
    """Attributes of a span that are kept; 256 by default."""
    maxNumberOfLinks: Static[int] = 256
    """Links of a span that are kept; 256 by default."""
    maxNumberOfEvents: Static[int] = 256
    """Events of a span that are kept; 256 by default."""
    maxNumberOfAttributesPerLink: Static[int] = 256
    """Attributes of one link that are kept; 256 by default."""


class Tracing(Properties):
    """Traces: a span for each request, for each one to another server, and for each use of a decorated object."""

    enabled: Static[bool] = False
    """Make traces?"""
    resourceAttributes: dict[str, Static[str]] = {}
    """Attributes of this gateway in all traces."""
    exporter: Exporter | None = None
    """Where traces go."""
    sampler: Sampler | None = None
    """Which traces are recorded."""
    spanLimits: SpanLimits | None = None
    """Limits of one span."""


class Logging(Properties):
    """Log records, exported beside the log itself."""

    enabled: Static[bool] = False
    """Export log records?"""
    resourceAttributes: dict[str, Static[str]] = {}
    """Attributes of this gateway in all records."""
    exporter: Exporter | None = None
    """Where records go."""


class OpenTelemetry(Properties):
    """OpenTelemetry: traces and logs for a collector."""

    tracing: Tracing | None = None
    """Traces."""
    logging: Annotated[Logging | None, _NO_LOGS] = None
    """Log records."""
