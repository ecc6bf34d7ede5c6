"""Route: a handler with a condition and a heap of its own, read from one file.

Around the handler, from outside to inside: the route's name for logs, its session, the audit of the access, metrics,
and the conversion of failures into a status. Follows the documented entry Route (config-files.yaml).
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, PrivateAttr

from config.document import Document
from config.types import Condition, Ref
from gateway.audit.base import AuditService
from gateway.handlers.base import Handler
from gateway.metrics.route_traffic import RouteTraffic
from gateway.routing.entrance import Entrance
from gateway.session.base import SessionManager

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.context import Context
    from gateway.http.message import Request, Response


class Route(Document, Handler):
    """Takes the requests that satisfy its condition."""

    handler: Ref[Handler]
    """Answers the requests of the route."""
    condition: Condition = Field(default=True)
    """Which requests the route takes; all by default."""
    name: str = ""
    """Orders the routes of a router, and names the route in logs and metrics. By default the id."""
    id: str = Field(default="", alias="_id")
    """Identifies the route in its router; by default the name of the file without .json."""
    session: Ref[SessionManager] | None = None
    """Keeps the sessions of the route; by default the session manager of config.json."""
    auditService: Ref[AuditService] = Field(default="AuditService")
    """Records the accesses of the route."""
    globalDecorators: dict[str, Any] = {}
    """Decorates every object that the route uses: decorator name -> value."""

    removed: ClassVar = {"secrets": "use the secretsProvider of each object (removed in 2024.3)"}
    example: ClassVar = {
        "type": "Route",
        "name": "10-home",
        "condition": "${find(request.uri.path, '^/home')}",
        "baseURI": "http://app.example.com:8081",
        "handler": "ReverseProxyHandler",
    }

    _entrance: Entrance = PrivateAttr()

    def prepare(self, heap: Heap) -> None:
        following = self.handler.handle if self.session is None else self._enter_with_session
        self._entrance = Entrance(self, self.name, following)

    def take_name(self, name: str) -> None:
        """Be known by a name."""
        self.name = self._entrance.name = name

    @property
    def entrance(self) -> Entrance:
        """Where the router hands a request over."""
        return self._entrance

    @property
    def traffic(self) -> RouteTraffic:
        """What is counted of the route's requests."""
        return self._entrance.traffic

    def handle(self, context: Context, request: Request) -> Coroutine[Any, Any, Response]:
        return self._entrance.handle(context, request)

    def _enter_with_session(self, context: Context, request: Request) -> Coroutine[Any, Any, Response]:
        assert self.session is not None
        return self.session.around(context, request, self.handler.handle)

    async def drained(self) -> None:
        """Wait until no request is inside the route any more."""
        if self.traffic.active:
            idle = asyncio.Event()
            self.traffic.on_idle = idle.set
            await idle.wait()
