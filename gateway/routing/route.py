"""Route: a handler with a condition and a heap of its own, read from one file.

Around the handler, from outside to inside: the route's name for logs, its session, the audit of the access, metrics,
and the conversion of failures into a status. Follows the documented entry Route (config-files.yaml).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, PrivateAttr

from config.declaration import Deprecated
from config.document import Document
from config.types import Condition, Ref
from gateway.audit.base import AuditService
from gateway.handlers.base import Handler
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
    secrets: Annotated[dict[str, Any], Deprecated("it is gone since 2024.3: use secretsProvider of the objects")] = {}
    """Gone since 2024.3."""

    example: ClassVar = {
        "type": "Route",
        "name": "10-home",
        "condition": "${find(request.uri.path, '^/home')}",
        "baseURI": "http://app.example.com:8081",
        "handler": "ReverseProxyHandler",
    }

    _enter: Any = PrivateAttr(default=None)
    _active: int = PrivateAttr(default=0)
    _idle: asyncio.Event | None = PrivateAttr(default=None)

    def prepare(self, heap: Heap) -> None:
        self._enter = self.handler.handle

    async def handle(self, context: Context, request: Request) -> Response:
        self._active += 1
        try:
            context.root.route_name = self.name
            if self.session is None:
                return await self._enter(context, request)
            return await self.session.around(context, request, self._enter)
        finally:
            self._active -= 1
            if self._idle is not None and not self._active:
                self._idle.set()

    async def drained(self) -> None:
        """Wait until no request is inside the route any more."""
        if self._active:
            self._idle = asyncio.Event()
            await self._idle.wait()
