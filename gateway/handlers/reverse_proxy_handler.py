"""ReverseProxyHandler: sends a request to the protected application."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, PrivateAttr

from config.declaration import Properties
from config.types import Duration, Ref, Static
from gateway.client import shared
from gateway.client.client import HttpClient
from gateway.errors import UpstreamError
from gateway.handlers.client_handler import ClientHandler
from gateway.http.message import Response
from gateway.objects.client_tls_options import ClientTlsOptions
from gateway.objects.proxy_options import ProxyOptions

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.client.options import ClientOptions
    from gateway.http.context import Context
    from gateway.http.message import Request

BAD_GATEWAY = 502
SUB_PROTOCOLS = "Sec-WebSocket-Protocol"


class WebSocket(Properties):
    """Proxying of WebSocket connections."""

    enabled: Static[bool] = False
    """Pass upgrade requests on and frames in both directions? False by default."""
    connectionTimeout: Duration | None = None
    """Longest time to connect; that of the handler by default."""
    soTimeout: Duration | None = None
    """Longest silence of both sides; that of the handler by default."""
    maxConnections: Static[int] = Field(default=50, ge=1)
    """WebSocket connections to one application; 50 by default."""
    tls: Ref[ClientTlsOptions] | None = None
    """How to speak TLS; as the handler by default."""
    proxyOptions: Ref[ProxyOptions] | None = None
    """Forward proxy to go through; that of the handler by default."""
    vertx: dict[str, Static[Any]] = {}
    """Options of another engine; frames pass unseen here, so limits on them have no effect."""


class ReverseProxyHandler(ClientHandler):
    """Sends a request to the protected application.

    As ClientHandler, but a failure is answered 502 Bad Gateway with an empty body, and WebSocket can be proxied.
    """

    websocket: WebSocket | None = None
    """Proxying of WebSocket connections; none by default."""

    example: ClassVar = {
        "type": "ReverseProxyHandler",
        "config": {
            "soTimeout": "20 seconds",
            "tls": {
                "type": "ClientTlsOptions",
                "config": {"trustManager": {"type": "TrustAllManager"}, "hostnameVerifier": "ALLOW_ALL"},
            },
        },
    }

    _tunnels: HttpClient | None = PrivateAttr(default=None)
    _protocols: frozenset[str] | None = PrivateAttr(default=None)
    """The subprotocols that the gateway proxies, None for all."""

    def prepare(self, heap: Heap) -> None:
        super().prepare(heap)
        self._protocols = getattr(heap.host, "websocket_protocols", None)

    async def start(self) -> None:
        await super().start()
        websocket = self.websocket
        if websocket is not None and websocket.enabled:
            self._tunnels = shared.acquire(self._tunnel_options(websocket))
            if websocket.tls is not None:
                self._unsubscribe.append(websocket.tls.subscribe(self._renew))

    def _renew(self) -> None:
        super()._renew()
        if self._tunnels is not None and self.websocket is not None:
            before, self._tunnels = self._tunnels, shared.acquire(self._tunnel_options(self.websocket))
            shared.release(before)

    def _tunnel_options(self, websocket: WebSocket) -> ClientOptions:
        options = self.options()
        return replace(
            options,
            upgrade="websocket",
            connections=websocket.maxConnections,
            wait_queue=0,
            so_timeout=_seconds(websocket.soTimeout, options.so_timeout),
            connect_timeout=_seconds(websocket.connectionTimeout, options.connect_timeout),
            tls=websocket.tls.settings if websocket.tls else options.tls,
            proxies=websocket.proxyOptions.chooser() if websocket.proxyOptions else options.proxies,
        )

    async def stop(self) -> None:
        await super().stop()
        if self._tunnels is not None:
            shared.release(self._tunnels, self.connectionShutdownGracePeriod)

    def _sends_once(self) -> bool:
        return super()._sends_once() and (self.websocket is None or not self.websocket.enabled)

    async def handle(self, context: Context, request: Request) -> Response:
        try:
            if self._tunnels is not None and _wants_websocket(request):
                return await self._tunnels.send(self._with_allowed_protocols(request))
            return await super().handle(context, request)
        except UpstreamError as error:
            return self._failed(error)

    def _failed(self, error: UpstreamError) -> Response:
        self.log.warning("%s: %s", self.object_name, error)
        response = Response(BAD_GATEWAY)
        response.cause = error.with_traceback(None)  # the traceback holds this response: a cycle
        return response

    def _with_allowed_protocols(self, request: Request) -> Request:
        """The request, offering those subprotocols only that the gateway proxies."""
        offered = request.headers.all(SUB_PROTOCOLS)
        if self._protocols is not None and offered:
            names = [name for line in offered for part in line.split(",") if (name := part.strip()) in self._protocols]
            request.headers.set(SUB_PROTOCOLS, ", ".join(names) or None)
        return request


def _seconds(value: float | None, default: float) -> float:
    return default if value is None else value or math.inf


def _wants_websocket(request: Request) -> bool:
    headers = request.headers
    return (
        "Upgrade" in headers
        and request.method == "GET"
        and headers.has_token("Upgrade", "websocket")
        and headers.has_token("Connection", "upgrade")
    )
