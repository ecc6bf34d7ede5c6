"""The gateway: loads admin.json and config.json, opens the ports, and serves until it is told to stop."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.heap import Heap
from config.load import Loader
from config.read import load_source, read_document
from config.resolver import Resolver, TokenFiles
from config.values import Value, placed
from expr.scope import implicit
from expr.source import Source, Span
from gateway import tracing
from gateway.application.admin_http_application import AdminHttpApplication, Connector, Mode
from gateway.application.administration import Administration
from gateway.application.gateway_http_application import WITHOUT_FILE, GatewayHttpApplication
from gateway.application.instance import Instance
from gateway.audit.access import AUDITING, Received
from gateway.audit.base import AuditService
from gateway.catalog import registry
from gateway.client import resolve
from gateway.server.limits import Limits
from gateway.server.listener import Listener
from gateway.server.service import Service

if TYPE_CHECKING:
    from gateway.routing.router import Router

log = logging.getLogger("gatewright.gateway")


@dataclass(frozen=True)
class Overrides:
    """What the command line says in place of the configuration."""

    port: int | None = None
    admin_port: int | None = None
    host: str | None = None
    https_port: int | None = None
    https_context: Callable[[], ssl.SSLContext] | None = None
    resolve: tuple[str, ...] = ()
    routes: tuple[Path, ...] = ()
    """Single route files, in place of the directory of the main router."""


@dataclass
class Gateway:
    """One gateway in this process; heap objects reach it as `heap.host`."""

    instance: Instance
    overrides: Overrides = field(default_factory=Overrides)
    reuse_port: bool = False
    routers: list[Router] = field(default_factory=list, init=False)
    loader: Loader = field(init=False)
    admin: AdminHttpApplication = field(init=False)
    application: GatewayHttpApplication = field(init=False)
    administration: Administration = field(init=False)
    listeners: list[tuple[Listener, float]] = field(default_factory=list, init=False)
    admin_listeners: list[tuple[Listener, float]] = field(default_factory=list, init=False)
    running: bool = field(default=False, init=False)
    """From the moment when all is started until the stop begins."""
    _heaps: list[Heap] = field(default_factory=list, init=False)
    _audit: AuditService = field(init=False)
    """Records what no route takes."""

    # ------------------------------------------------------------------------------------------------------ loading

    def load(self) -> None:
        """Build the objects of admin.json and config.json; raises DiagnosticError."""
        implicit.openig = self.instance.published()
        for text in self.overrides.resolve:
            resolve.DEFAULT.add(text)
        builtins = {"ig.instance.dir": str(self.instance.directory)}
        resolver = Resolver(files=TokenFiles.named_in(implicit.env, implicit.system), builtins=builtins)
        self.loader = Loader(registry(), resolver, self)
        heap, self.admin = self.loader.build(
            AdminHttpApplication, self._document(self.instance.document("admin"), {}), name="admin"
        )
        self._heaps.append(heap)
        if self.admin.openTelemetry is not None:
            tracing.start(self.admin.openTelemetry.tracing)
        heap, self.application = self.loader.build(
            GatewayHttpApplication, self._document(self.instance.document("config"), WITHOUT_FILE), name="gateway"
        )
        self._heaps.append(heap)
        self._audit = heap.get("AuditService", AuditService)  # type: ignore[type-abstract]
        self.administration = Administration(self)

    def _document(self, file: Path, without: dict[str, Any]) -> Value:
        if self.overrides.routes or not file.is_file():
            return placed(without, Source(f"<default {file.name}>", ""), Span(0, 0))
        return read_document(load_source(file))

    @property
    def mode(self) -> Mode:
        """The mode of admin.json, else of IG_RUN_MODE, else of ig.run.mode, else production."""
        named = self.admin.mode or implicit.env.get("IG_RUN_MODE") or implicit.system.get("ig.run.mode") or ""
        return Mode.DEVELOPMENT if str(named).lower() == Mode.DEVELOPMENT else Mode.PRODUCTION

    # -------------------------------------------------------------------------------------------------- life cycle

    async def start(self) -> None:
        """Start all objects, then open the ports: no request comes before the routes are there.

        The administrative port opens first, so that a probe sees a gateway that still loads its routes.
        """
        try:
            admin_heap, *heaps = self._heaps
            await admin_heap.start()
            self.administration.start()
            if not self.serves_prefix or self.overrides.admin_port is not None:
                await self._listen_for_administration()
            for heap in heaps:
                await heap.start()
            for connector in self._connectors():
                await self._listen(connector)
            await self._listen_overrides()
            self.running = True
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Let running requests end within the grace period of their connector, then stop all objects."""
        self.running = False
        await _stop(self.listeners)
        for heap in reversed(self._heaps):
            if heap is self._heaps[0]:
                await _stop(self.admin_listeners)
            await heap.stop()
            if heap.parent is not None:
                await heap.parent.stop()
        self.administration.stop()

    def _connectors(self) -> Iterable[Connector]:
        first_plain = next((c for c in self.admin.connectors if c.tls is None), None)
        for connector in self.admin.connectors:
            changes: dict[str, Any] = {}
            if self.overrides.host is not None:
                changes["host"] = self.overrides.host
            if connector is first_plain and self.overrides.port is not None:
                changes["port"] = [self.overrides.port]
            yield connector.model_copy(update=changes)

    async def _listen(self, connector: Connector, tls: Callable[[], ssl.SSLContext] | None = None) -> None:
        provider = tls or (connector.tls.context if connector.tls is not None else None)
        service = Service(
            self.handle_with_prefix if self.serves_prefix else self.handle,
            limits=Limits(headers=connector.maxTotalHeadersSize, body=self.admin.maxBodyLength),
            storage=self.admin.temporaryStorage.storage,
            secure=provider is not None,
            keep_query=self.admin.preserveOriginalQueryString,
        )
        self.administration.observe(service, connector.host, self._audit)
        listener = Listener(service, connector.port, connector.host, tls=provider, reuse_port=self.reuse_port)
        await listener.start()
        self.listeners.append((listener, connector.gracePeriod))

    async def _listen_for_administration(self) -> None:
        connector = self.admin.adminConnector
        ports = connector.port if self.overrides.admin_port is None else [self.overrides.admin_port]
        host = self.overrides.host or connector.host
        service = Service(
            self.administration.application.handle,
            limits=Limits(headers=connector.maxTotalHeadersSize, body=self.admin.adminMaxBodyLength),
            storage=self.admin.temporaryStorage.storage,
            secure=connector.tls is not None,
        )
        self.administration.observe(service, host, self.admin.auditService)
        tls = connector.tls.context if connector.tls is not None else None
        listener = Listener(service, ports, host, tls=tls, reuse_port=self.reuse_port)
        await listener.start()
        self.admin_listeners.append((listener, connector.gracePeriod))

    async def _listen_overrides(self) -> None:
        if self.overrides.https_port is None:
            return
        model = self.admin.connectors[0].model_copy(
            update={"port": [self.overrides.https_port], "tls": None, **self._host_override()}
        )
        await self._listen(model, self.overrides.https_context)

    def _host_override(self) -> dict[str, Any]:
        return {} if self.overrides.host is None else {"host": self.overrides.host}

    @property
    def ports(self) -> list[int]:
        """The open ports of the connectors, in the order of the configuration."""
        return [port for listener, _ in self.listeners for port in listener.ports]

    @property
    def admin_ports(self) -> list[int]:
        """The open ports of the administrative endpoints."""
        return [port for listener, _ in self.admin_listeners for port in listener.ports]

    @property
    def serves_prefix(self) -> bool:
        """Are the administrative endpoints below a prefix on the connectors, as in the deprecated layout?"""
        given = self.admin.model_fields_set
        return "prefix" in given and "adminConnector" not in given

    # ---------------------------------------------------------------------------------------------------- exchanges

    async def handle(self, context: Any, request: Any) -> Any:
        """Answer one request of a connector, with the session of config.json in force."""
        if AUDITING.services:
            context.received = Received(request)
        application = self.application
        return await application.session.around(context, request, application.handler.handle)

    async def handle_with_prefix(self, context: Any, request: Any) -> Any:
        """Answer one request of a connector in the deprecated layout."""
        if self.administration.application.is_below_prefix(request):
            return await self.administration.application.handle(context, request)
        return await self.handle(context, request)


async def _stop(listeners: list[tuple[Listener, float]]) -> None:
    for listener, grace in reversed(listeners):
        await listener.stop(grace)
    listeners.clear()
