"""What a gateway shows of itself: its administrative application, and the metrics of its listeners and routers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from gateway.admin.application import AdminApplication
from gateway.application.admin_http_application import Mode
from gateway.application.observation import Observation
from gateway.client import shared
from gateway.metrics.deployment import collect_routers
from gateway.metrics.http_traffic import CLIENTS
from gateway.metrics.process import collect_process
from gateway.metrics.registry import METRICS
from gateway.metrics.snapshot import Kind, Snapshot, merged
from gateway.secrets.leases import REFRESH_FAILURES

if TYPE_CHECKING:
    from gateway.application.gateway import Gateway
    from gateway.audit.base import AuditService
    from gateway.http.context import Context
    from gateway.http.message import Request, Response
    from gateway.server.service import Service

CHANGING: Final = ("PUT", "DELETE")
ROUTES_QUESTION: Final = "routes"
"""Asks another worker to serve the route files as they are now; it answers when it does."""


class Administration:
    """Belongs to one gateway, and lasts as long as it runs."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._observed: list[tuple[Observation, Service]] = []
        self._forget: Callable[[], None] | None = None
        self.peers: Callable[[], Awaitable[Iterable[Snapshot]]] | None = None
        """Gives the metrics of the other worker processes, where there are any."""
        self.application = AdminApplication(
            gateway.admin,
            gateway.routers,
            development=gateway.mode is Mode.DEVELOPMENT,
            is_ready=lambda: gateway.ready,
            snapshot=self.snapshot,
            prefix=gateway.admin.prefix if gateway.serves_prefix else "",
        )

    async def handle(self, context: Context, request: Request) -> Response:
        """Answer a request; routes that it changed are served by all workers when the answer goes out."""
        before = [router.table for router in self._gateway.routers]
        response = await self.application.handle(context, request)
        siblings = self._gateway.siblings
        if siblings is not None and request.method in CHANGING:
            after = [router.table for router in self._gateway.routers]
            if list(map(id, before)) != list(map(id, after)):
                await siblings.ask(ROUTES_QUESTION)
        return response

    def start(self) -> None:
        self._forget = METRICS.collect_from(self._collect)

    def stop(self) -> None:
        forget, self._forget = self._forget, None
        if forget is not None:
            forget()
        self._observed.clear()

    def observe(self, service: Service, host: str, audit: AuditService) -> None:
        """Count the exchanges of a listener, and have them recorded by an audit service unless a route has its own."""
        observation = Observation(host, audit)
        service.on_exchange_done = observation.done
        self._observed.append((observation, service))

    async def snapshot(self) -> Snapshot:
        """The metrics of all processes of the gateway as those of one."""
        own = METRICS.snapshot()
        return own if self.peers is None else merged([own, *await self.peers()])

    def _collect(self, snapshot: Snapshot) -> None:
        collect_routers(self._gateway.routers, snapshot)
        if self._gateway.admin.vertx.get("metricsEnabled") is not False:
            self._collect_http(snapshot)
        name, text = "ig_secrets_refresh_failures_total", "Secrets that could not be renewed, the last good one stayed"
        snapshot.add(name, Kind.COUNTER, text, {}, REFRESH_FAILURES.count)
        collect_process(snapshot)

    def _collect_http(self, snapshot: Snapshot) -> None:
        living = {loaded.name for router in self._gateway.routers for loaded in router.table.routes}
        for observation, service in self._observed:
            observation.traffic.forget_routes(living)
            connections: Any = service.connections
            observation.traffic.collect(snapshot, connections)
        CLIENTS.collect(snapshot, shared.usage())
