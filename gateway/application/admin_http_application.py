"""AdminHttpApplication: admin.json, with ports, mode, storage and the administrative endpoints."""

from __future__ import annotations

import os
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from config.codes import BROKEN_RULE
from config.declaration import Deprecated, NoEffect, Properties
from config.document import Document
from config.types import Duration, OneOrMore, Ref, Static
from expr.diagnostic import Diagnostic, DiagnosticError
from gateway.application.default_objects import ADMIN
from gateway.application.open_telemetry import OpenTelemetry
from gateway.audit.access import TOPIC
from gateway.audit.base import AuditService
from gateway.audit.no_op_audit_service import NoOpAuditService
from gateway.filters.base import Filter
from gateway.objects.server_tls_options import ServerTlsOptions
from gateway.objects.temporary_storage import TemporaryStorage
from gateway.session.base import SessionManager

if TYPE_CHECKING:
    from config.heap import Heap

NOT_IN_VERTX = [
    "port",
    "useAlpn",
    "ssl",
    "enabledCipherSuites",
    "enabledSecureTransportProtocols",
    "jdkSslEngineOptions",
    "keyStoreOptions",
    "openSslEngineOptions",
    "pemKeyCertOptions",
    "pemTrustOptions",
    "pfxKeyCertOptions",
    "pfxTrustOptions",
    "trustStoreOptions",
    "clientAuth",
]
DEFAULT_PORT = 8080
DEFAULT_ADMIN_PORT = 8085


def _cores() -> int:
    """Cores that this process may use: in a container, as a rule, not all that the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Mode(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class PidFileMode(StrEnum):
    FAIL = "fail"
    OVERRIDE = "override"


class Connector(Properties):
    """A port, or several alike, that take requests."""

    port: OneOrMore[Static[int]]
    """The ports."""
    host: Static[str] = "0.0.0.0"  # noqa: S104 - the documented default
    """The interface to listen on."""
    gracePeriod: Duration = Field(default="1 second")
    """Time given to running requests at shutdown."""
    tls: Ref[ServerTlsOptions] | None = None
    """TLS of the ports; plain HTTP without it."""
    maxTotalHeadersSize: Static[int] = 8192
    """Bytes of all header fields together; more is answered with 431."""
    vertx: Annotated[dict[str, Any], NoEffect("the options of Vert.x have no counterpart here")] = {}
    """Options of PingGateway's HTTP server."""


class AdminHttpApplication(Document):
    """The gateway's ports, its mode, and its administrative endpoints."""

    connectors: list[Connector] = Field(default=[{"port": DEFAULT_PORT}])
    """The ports that take requests for the gateway."""
    adminConnector: Connector = Field(default={"port": DEFAULT_ADMIN_PORT})
    """The port of the administrative endpoints."""
    adminMaxBodyLength: Static[int] = -1
    """Largest body of an administrative request, in bytes; -1 is no limit."""
    maxBodyLength: Static[int] = -1
    """Largest body of a request, in bytes; -1 is no limit. A larger one is answered with 413."""
    auditService: Ref[AuditService] = Field(default="AuditService")
    """Records the requests to the administrative endpoints."""
    apiProtectionFilter: Ref[Filter] | None = None
    """Stands in front of /api. By default only loopback addresses pass in production mode."""
    metricsProtectionFilter: Ref[Filter] | None = None
    """Stands in front of the metrics endpoint."""
    studioProtectionFilter: Annotated[Ref[Filter] | None, NoEffect("this gateway has no Studio")] = None
    """Stands in front of Studio, in development mode."""
    gatewayUnits: Static[int] = Field(default_factory=_cores)
    """Worker processes that handle requests; the number of cores by default."""
    mode: Static[Mode] | None = None
    """development or production; by default IG_RUN_MODE, ig.run.mode, else production."""
    openTelemetry: OpenTelemetry | None = None
    """Traces and logs for a collector."""
    pidFileMode: Static[PidFileMode] = PidFileMode.FAIL
    """What to do at start when there is a PID file: stop, or replace it."""
    prefix: Annotated[Static[str], Deprecated("use adminConnector, which has no prefix")] = "openig"
    """First path segment of the administrative endpoints in the old layout."""
    preserveOriginalQueryString: Static[bool] = False
    """Pass the query on exactly as it was received?"""
    serveDeprecatedPrometheusEndpoint: Static[bool] = False
    """Serve the metrics at their old path as well?"""
    session: Ref[SessionManager] = Field(default="Session")
    """Keeps the sessions of the administrative endpoints; in memory by default, with the cookie IG_ADMIN_SESSIONID."""
    streamingEnabled: Static[bool] = False
    """Pass bodies on as they arrive? This gateway always does, and buffers a body only where something reads it."""
    temporaryDirectory: Static[str] | None = None
    """Directory of temporary files; tmp in the instance directory by default."""
    temporaryStorage: Ref[TemporaryStorage] = Field(default="TemporaryStorage")
    """Where bodies are buffered; a request body over its limit is answered with 413."""
    vertx: dict[str, Static[Any]] = {}
    """Options of PingGateway's runtime: metricsEnabled (true by default) and webSocketSubProtocols (those that are
    proxied, an array or names separated by commas; all by default) have an effect, the others none."""

    default_objects: ClassVar = ADMIN

    def prepare(self, heap: Heap) -> None:
        # Objects of these names did what the properties do, and still do.
        self.apiProtectionFilter = self.apiProtectionFilter or _of_old_name(heap, "ApiProtectionFilter")
        self.metricsProtectionFilter = self.metricsProtectionFilter or _of_old_name(heap, "MetricsProtectionFilter")
        if not isinstance(self.auditService, NoOpAuditService) and not self.auditService.wants(TOPIC):
            source, span = heap.where(self.auditService.object_name)
            message = f'the audit service of the administrative endpoints does not record the topic "{TOPIC}"'
            raise DiagnosticError([Diagnostic(BROKEN_RULE, message, source, span, "add it to an event handler")])

    def verify(self) -> Iterator[tuple[str, str, str]]:
        ports = {port for connector in self.connectors for port in connector.port}
        for port in self.adminConnector.port:
            if port and port in ports:  # 0 is any free port
                yield (
                    "adminConnector",
                    f"port {port} is a connector's port too",
                    "give the admin connector its own port",
                )
        if self.gatewayUnits < 1:
            yield "gatewayUnits", "a gateway needs a worker process", "write a number of at least 1"
        for connector in (*self.connectors, self.adminConnector):
            for key in connector.vertx:
                if key in NOT_IN_VERTX:
                    yield "connectors", f'"{key}" is not allowed in vertx', 'use the connector\'s own "port" and "tls"'

    @property
    def websocket_protocols(self) -> frozenset[str] | None:
        """The WebSocket subprotocols that are proxied, None for all."""
        names = self.vertx.get("webSocketSubProtocols")
        if isinstance(names, str):
            names = names.split(",")
        return frozenset(str(name).strip() for name in names) if isinstance(names, list | tuple) else None


def _of_old_name(heap: Heap, name: str) -> Filter | None:
    return heap.optional(name, Filter)  # type: ignore[type-abstract]
