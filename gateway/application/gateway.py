"""The gateway: loads admin.json and config.json, opens the ports, and serves until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import socket
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
from gateway.application.admin_http_application import AdminHttpApplication, Mode, PidFileMode
from gateway.application.administration import Administration
from gateway.application.front import Front
from gateway.application.gateway_http_application import WITHOUT_FILE, GatewayHttpApplication
from gateway.application.instance import Instance
from gateway.application.openings import Opening, Openings, Overrides, planned
from gateway.application.worker_metrics import leave_counts
from gateway.application.worker_sockets import WorkerSockets
from gateway.audit.base import AuditService
from gateway.catalog import registry
from gateway.client import resolve
from gateway.server.limits import Limits
from gateway.server.listener import Listener
from gateway.server.service import Application, Service
from gateway.server.traced import traced

if TYPE_CHECKING:
    from gateway.application.siblings import Siblings
    from gateway.routing.router import Router

__all__ = ["Gateway", "Overrides"]

log = logging.getLogger("gatewright.gateway")
READY = "ready"
"""A file in the shared directory, from the moment when all workers take requests until they stop."""


@dataclass
class Gateway:
    """One gateway in this process; heap objects reach it as `heap.host`."""

    instance: Instance
    overrides: Overrides = field(default_factory=Overrides)
    shared_directory: Path | None = None
    """Private to the worker processes of this gateway, for what they share; None when there is only one."""
    shared_key: bytes = field(default=b"", repr=False)
    """Encrypts what they keep there."""
    sockets: WorkerSockets | None = field(default=None, repr=False)
    """What the worker processes listen on, and `slot`, which of them are of this one."""
    slot: int = 0
    siblings: Siblings | None = None
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
    _front: Front = field(init=False)

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
        if self.admin.temporaryDirectory is not None:
            implicit.openig = {**implicit.openig, "temporaryDirectory": self.admin.temporaryDirectory}
        if self.admin.openTelemetry is not None:
            tracing.start(self.admin.openTelemetry.tracing)
        if self.units == 1:
            self.shared_directory = None
        heap, self.application = self.loader.build(
            GatewayHttpApplication, self._document(self.instance.document("config"), WITHOUT_FILE), name="gateway"
        )
        self._heaps.append(heap)
        self._front = Front(self.application.session, self.application.handler.handle)
        self._audit = heap.get("AuditService", AuditService)  # type: ignore[type-abstract]
        self.administration = Administration(self)

    def _document(self, file: Path, without: dict[str, Any]) -> Value:
        if self.overrides.routes or not file.is_file():
            return placed(without, Source(f"<default {file.name}>", ""), Span(0, 0))
        return read_document(load_source(file))

    @property
    def units(self) -> int:
        """Worker processes that requests are for."""
        return self.overrides.workers or self.admin.gatewayUnits

    @property
    def mode(self) -> Mode:
        """The mode of admin.json, else of IG_RUN_MODE, else of ig.run.mode, else production."""
        named = self.admin.mode or implicit.env.get("IG_RUN_MODE") or implicit.system.get("ig.run.mode") or ""
        return Mode.DEVELOPMENT if str(named).lower() == Mode.DEVELOPMENT else Mode.PRODUCTION

    @property
    def pid_file_mode(self) -> PidFileMode:
        """The mode of admin.json, else of ig.pid.file.mode, else to fail."""
        if "pidFileMode" in self.admin.model_fields_set:
            return self.admin.pidFileMode
        named = implicit.env.get("IG_PID_FILE_MODE") or implicit.system.get("ig.pid.file.mode") or ""
        return PidFileMode.OVERRIDE if str(named).lower() == PidFileMode.OVERRIDE else PidFileMode.FAIL

    # -------------------------------------------------------------------------------------------------- life cycle

    async def start(self) -> None:
        """Start all objects, then open the ports: no request comes before the routes are there.

        The administrative port opens first, so that a probe sees a gateway that still loads its routes.
        """
        try:
            admin_heap, *heaps = self._heaps
            await admin_heap.start()
            self.administration.start()
            openings = self.openings
            for opening in openings.administration:
                await self._listen_for_administration(opening)
            for heap in heaps:
                await heap.start()
            for opening in openings.connectors:
                await self._listen(opening)
            self.running = True
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Let running requests end within the grace period of their connector, then stop all objects."""
        self.running = False
        await _stop(self.listeners)
        if self.siblings is not None:
            leave_counts(self.siblings)
        for heap in reversed(self._heaps):
            if heap is self._heaps[0]:
                await _stop(self.admin_listeners)
            await heap.stop()
            if heap.parent is not None:
                await heap.parent.stop()
        self.administration.stop()

    def leave(self) -> None:
        """Leave new connections to others; those that are open have one more request."""
        for listener, _ in (*self.listeners, *self.admin_listeners):
            listener.leave()

    async def deserted(self, patience: float) -> None:
        """Wait for the end of all connections, for so many seconds at most."""
        await asyncio.gather(*(one.deserted(patience) for one, _ in (*self.listeners, *self.admin_listeners)))

    async def scan(self) -> None:
        """Have all routers look at their files now."""
        for router in tuple(self.routers):
            if any(router is one for one in self.routers):  # the scan of another one may have removed it
                await router.scan()

    @property
    def openings(self) -> Openings:
        """The listeners that this gateway has when it runs."""
        return planned(self.admin, self.overrides, without_admin=self.serves_prefix)

    async def _listen(self, opening: Opening) -> None:
        connector = opening.connector
        application: Application = self.handle_with_prefix if self.serves_prefix else self._front.handle
        service = Service(
            traced(application) if tracing.enabled() else application,
            limits=Limits(headers=connector.maxTotalHeadersSize, body=self.admin.maxBodyLength),
            storage=(self.application.temporaryStorage or self.admin.temporaryStorage).storage,
            secure=opening.tls is not None,
            keep_query=self.admin.preserveOriginalQueryString,
        )
        self.administration.observe(service, connector.host, self._audit)
        self.listeners.append((await self._listener(opening, service), connector.gracePeriod))

    async def _listen_for_administration(self, opening: Opening) -> None:
        connector = opening.connector
        service = Service(
            self.administration.handle,
            limits=Limits(headers=connector.maxTotalHeadersSize, body=self.admin.adminMaxBodyLength),
            storage=self.admin.temporaryStorage.storage,
            secure=opening.tls is not None,
        )
        self.administration.observe(service, connector.host, self.admin.auditService)
        self.admin_listeners.append((await self._listener(opening, service), connector.gracePeriod))

    async def _listener(self, opening: Opening, service: Service) -> Listener:
        connector = opening.connector
        sockets = self._sockets_at(opening, self.slot)
        listener = Listener(service, connector.port, connector.host, tls=opening.tls, sockets=sockets)
        await listener.start()
        return listener

    def _sockets_at(self, opening: Opening, slot: int) -> list[socket.socket]:
        if self.sockets is None:
            return []
        return [one for place in opening.places for one in self.sockets.of(place, slot)]

    async def cover(self, slot: int) -> None:
        """Take the connections of another worker's slot too, until `uncover`."""
        listeners = [listener for listener, _ in (*self.admin_listeners, *self.listeners)]
        for listener, opening in zip(listeners, self.openings.all, strict=True):
            await listener.cover(self._sockets_at(opening, slot))

    def uncover(self) -> None:
        for listener, _ in (*self.admin_listeners, *self.listeners):
            listener.uncover()

    @property
    def longest_grace(self) -> float:
        """Seconds that running requests get at most when the gateway stops."""
        return max(connector.gracePeriod for connector in (*self.admin.connectors, self.admin.adminConnector))

    @property
    def websocket_protocols(self) -> frozenset[str] | None:
        """The WebSocket subprotocols that routes may proxy, None for all."""
        return self.admin.websocket_protocols

    @property
    def ready(self) -> bool:
        """Does the gateway take requests? Where several workers do, all of them say the same."""
        if self.shared_directory is None:
            return self.running
        return (self.shared_directory / READY).exists()

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

    async def handle_with_prefix(self, context: Any, request: Any) -> Any:
        """Answer one request of a connector in the deprecated layout."""
        if self.administration.application.is_below_prefix(request):
            return await self.administration.handle(context, request)
        return await self._front.handle(context, request)


async def _stop(listeners: list[tuple[Listener, float]]) -> None:
    await asyncio.gather(*(listener.stop(grace) for listener, grace in listeners))
    listeners.clear()
