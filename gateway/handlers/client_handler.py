"""ClientHandler: sends a request to the server that its URI names."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, PrivateAttr

from config.declaration import Formerly, NoEffect, Properties
from config.successor import MovedInto
from config.types import ConditionOnResponse, Duration, Ref, RuntimeOnException, Static
from gateway.client import shared
from gateway.client.client import HttpClient
from gateway.client.errors import CircuitOpen
from gateway.client.options import ClientOptions
from gateway.client.outlet import Outlet, limit
from gateway.client.tls import TlsSettings
from gateway.errors import ClientDisconnected, UpstreamError
from gateway.handlers.base import Handler
from gateway.http.storage import Storage
from gateway.objects.client_tls_options import ClientTlsOptions
from gateway.objects.proxy_options import ProxyOptions
from gateway.objects.scheduled_executor_service import ScheduledExecutorService
from gateway.objects.temporary_storage import TemporaryStorage
from gateway.resilience import CircuitBreaker

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.context import Context
    from gateway.http.message import Request, Response

_ON_THE_LOOP = NoEffect("waiting needs no thread here")
_USE_TLS = MovedInto("tls", "use tls with a ClientTlsOptions", type_name="ClientTlsOptions")
_USE_PROXY = "use proxyOptions"
_LOOP = "requests are sent from an event loop; remove it"
_TOO_LARGE = 502
"""Status for a response that does not fit the storage: the client is not to blame."""
_REUSE = "connections are always reused; limit their age with connectionTimeToLive"
REMOVED = {
    **dict.fromkeys(
        ("hostnameVerifier", "keyManager", "trustManager", "sslContextAlgorithm", "sslCipherSuites"), _USE_TLS
    ),
    "sslEnabledProtocols": _USE_TLS,
    "proxy": _USE_PROXY,
    "systemProxy": _USE_PROXY,
    "disableRetries": "use retries, with enabled",
    "disableReuseConnection": _REUSE,
    "stateTrackingEnabled": _REUSE,
    "numberOfWorkers": _LOOP,
    "asyncBehavior": _LOOP,
    "baseURI": "write it beside type and config, where it is a decoration",
}


class ProtocolVersion(StrEnum):
    HTTP_1_1 = "HTTP/1.1"
    HTTP_2 = "HTTP/2"


class Retries(Properties):
    """Sends a request again when it failed."""

    enabled: Static[bool] = True
    """Retry at all? True by default."""
    executor: Annotated[Ref[ScheduledExecutorService] | None, _ON_THE_LOOP] = None
    """Waits between tries."""
    count: Static[int] = Field(default=5, ge=0)
    """Tries after the first one; 5 by default."""
    delay: Duration = Field(default="500 ms")
    """Time between two tries; 500 ms by default."""
    condition: ConditionOnResponse = Field(default=False)
    """True for a response after which to try again, such as `${response.status.code == 502}`; `${false}` by default."""
    runtimeExceptionCondition: RuntimeOnException[bool] = Field(default=True)
    """True for a failure after which to try again; it sees `exception`. `${true}` by default."""


class SlidingCounter(Properties):
    """The exchanges among which failures are counted."""

    size: Static[int] = Field(ge=1)
    """Number of last exchanges that count."""


class CircuitBreakerOptions(Properties):
    """Leaves the server alone for a while after too many failures."""

    enabled: Static[bool] = True
    """Break at all? True by default."""
    maxFailures: Static[int] = Field(ge=1)
    """Failures that open the circuit: in a row, or among those that slidingCounter counts."""
    openDuration: Duration
    """Time for which the circuit stays open, before one request is let through as a trial."""
    openHandler: Ref[Handler] | None = None
    """Answers while the circuit is open; the request fails by default."""
    slidingCounter: SlidingCounter | None = None
    """Counts failures among the last exchanges, not in a row."""
    executor: Annotated[Ref[ScheduledExecutorService] | None, _ON_THE_LOOP] = None
    """Closes the circuit."""


class ClientHandler(Handler):
    """Sends a request to the server that its URI names, for calls to third-party services.

    A failure (no connection, time-out, TLS) is an exception, which becomes 500 when nothing handles it. Use
    ReverseProxyHandler for the application that is protected.
    """

    connections: Annotated[Static[int], Formerly("maxConnections")] = Field(default=64, ge=1)
    """Connections to one server; 64 by default."""
    waitQueueSize: Static[int] | None = Field(default=None, ge=0)
    """Requests that may wait for a connection, more fail at once; the square of connections by default."""
    soTimeout: Duration = Field(default="10 seconds")
    """Longest silence on an open connection; 10 seconds by default."""
    connectionTimeout: Duration = Field(default="10 seconds")
    """Longest time to make a connection, and to wait for one; 10 seconds by default."""
    connectionTimeToLive: Duration = Field(default="unlimited")
    """Age at which a connection is not used again; unlimited by default."""
    connectionShutdownGracePeriod: Duration = Field(default="unlimited")
    """Time that running exchanges have when the handler stops; unlimited by default."""
    protocolVersion: Static[ProtocolVersion] | None = None
    """HTTP/1.1; HTTP/2 to other servers is not available."""
    http2PriorKnowledge: Static[bool] = False
    """HTTP/2 without TLS; not available."""
    proxyOptions: Ref[ProxyOptions] = Field(default="ProxyOptions")
    """Forward proxy to go through; the object ProxyOptions by default, which is no proxy."""
    propagateDisconnection: Static[bool] = False
    """Cancel the request when the client of the gateway goes away? False by default."""
    temporaryStorage: Ref[TemporaryStorage] = Field(default="TemporaryStorage")
    """Limits of responses that have to be buffered; the object TemporaryStorage by default."""
    tls: Ref[ClientTlsOptions] | None = None
    """How to speak TLS; by default the system's certificates are trusted and host names compared."""
    vertx: dict[str, Static[Any]] = {}
    """Options of another engine: maxHeaderSize (of responses) and keepAliveTimeout have an effect, the others none."""
    retries: Retries | None = None
    """Tries again; never by default."""
    circuitBreaker: CircuitBreakerOptions | None = None
    """Spares a server that fails; none by default."""

    removed: ClassVar = REMOVED
    example: ClassVar = {
        "name": "ToApi",
        "type": "ClientHandler",
        "config": {
            "connectionTimeout": "3 s",
            "retries": {
                "count": 2,
                "delay": "200 ms",
                "runtimeExceptionCondition": "${exception.message.contains('GOAWAY')}",
            },
        },
    }

    _client: HttpClient = PrivateAttr()
    _storage: Storage = PrivateAttr()
    _breaker: CircuitBreaker | None = PrivateAttr(default=None)
    _retries: Retries | None = PrivateAttr(default=None)
    _unsubscribe: list[Callable[[], None]] = PrivateAttr(default_factory=list)
    _outlet: Outlet | None = PrivateAttr(default=None)
    """Answers in place of this object where a request is sent once, whatever happens."""

    def verify(self) -> Iterator[tuple[str, str, str]]:
        hint = "leave it out, or use HTTP/1.1"
        if self.protocolVersion is ProtocolVersion.HTTP_2:
            yield "protocolVersion", "HTTP/2 to other servers is not available", hint
        elif self.http2PriorKnowledge:
            yield "http2PriorKnowledge", "HTTP/2 to other servers is not available", hint
        breaker = self.circuitBreaker
        if breaker and breaker.slidingCounter and breaker.maxFailures > breaker.slidingCounter.size:
            yield "circuitBreaker", "maxFailures is larger than slidingCounter.size", "the circuit could never open"

    def prepare(self, heap: Heap) -> None:
        self._storage = replace(self.temporaryStorage.storage, overflow=_TOO_LARGE)
        if self.retries is not None and self.retries.enabled:
            self._retries = self.retries
        breaker = self.circuitBreaker
        if breaker is not None and breaker.enabled:
            window = breaker.slidingCounter.size if breaker.slidingCounter else None
            self._breaker = CircuitBreaker(breaker.maxFailures, breaker.openDuration, window)
        if self._sends_once():
            self._outlet = Outlet(self._storage, self._failed)
            self.answer_with(self._outlet.handle)

    async def start(self) -> None:
        self._use(shared.acquire(self.options()))
        if self.tls is not None:
            self._unsubscribe.append(self.tls.subscribe(self._renew))

    def _sends_once(self) -> bool:
        return self._breaker is None and self._retries is None and not self.propagateDisconnection

    def _failed(self, error: UpstreamError) -> Response:
        """What a failure becomes: none here, it is raised."""
        raise error

    def _renew(self) -> None:
        """Keys or trust changed: connections from now on are made with the new ones, running exchanges go on."""
        before = self._client
        self._use(shared.acquire(self.options()))
        shared.release(before)

    def _use(self, client: HttpClient) -> None:
        self._client = client
        if self._outlet is not None:
            self._outlet.client = client

    async def stop(self) -> None:
        while self._unsubscribe:
            self._unsubscribe.pop()()
        shared.release(self._client, self.connectionShutdownGracePeriod)

    def options(self) -> ClientOptions:
        """The options of the client; what is not a time-out of zero is a limit, zero is none."""
        defaults = ClientOptions()
        return ClientOptions(
            connections=self.connections,
            wait_queue=self.connections**2 if self.waitQueueSize is None else self.waitQueueSize,
            so_timeout=self.soTimeout or math.inf,
            connect_timeout=self.connectionTimeout or math.inf,
            time_to_live=self.connectionTimeToLive,
            keep_alive=_number(self.vertx.get("keepAliveTimeout"), defaults.keep_alive),
            head_limit=int(_number(self.vertx.get("maxHeaderSize"), defaults.head_limit)),
            propagate_disconnection=self.propagateDisconnection,
            tls=self.tls.settings if self.tls is not None else TlsSettings(),
            proxies=self.proxyOptions.chooser(),
        )

    async def handle(self, context: Context, request: Request) -> Response:
        if not self.propagateDisconnection:
            return await self._answer(context, request)
        return await self._while_connected(context, asyncio.ensure_future(self._answer(context, request)))

    async def _while_connected(self, context: Context, answer: asyncio.Task[Response]) -> Response:
        """Wait for the answer, unless the client goes away first: then its request is cancelled."""

        def break_off() -> None:
            answer.cancel()

        context.root.on_disconnect(break_off)
        try:
            return await answer
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if context.root.disconnected and not (task and task.cancelling()):
                raise ClientDisconnected("the client went away, so its request was broken off") from None
            raise

    async def _answer(self, context: Context, request: Request) -> Response:
        if self._breaker is not None:
            response = await self._guarded(self._breaker, context, request)
        elif self._retries is not None:
            response = await self._retried(self._retries, context, request)
        else:
            response = await self._client.send(request)
        limit(response, self._storage)
        return response

    async def _guarded(self, breaker: CircuitBreaker, context: Context, request: Request) -> Response:
        """A request counts as one exchange, after its retries."""

        async def exchange() -> Response:
            retries = self._retries
            return await (self._retried(retries, context, request) if retries else self._client.send(request))

        try:
            return await breaker.call(exchange)
        except CircuitOpen:
            handler = self.circuitBreaker.openHandler if self.circuitBreaker else None
            if handler is None:
                raise
            return await handler.handle(context, request)

    async def _retried(self, retries: Retries, context: Context, request: Request) -> Response:
        if request.has_entity():
            await request.entity.buffer()  # what was passed on as a stream cannot be sent again
        for left in range(retries.count, 0, -1):
            try:
                response = await self._client.send(request)
            except UpstreamError as error:
                if await retries.runtimeExceptionCondition(context, request, error) is not True:
                    raise
                self.log.info("%s: %s; up to %d more tries", self.object_name, error, left)
            else:
                if not await retries.condition(context, request, response):
                    return response
                response.close()
            await asyncio.sleep(retries.delay)
        return await self._client.send(request)


def _number(value: object, default: float) -> float:
    """A number of a foreign option, which may be text; the default for anything else."""
    try:
        number = float(value) if isinstance(value, int | float | str) else 0.0
    except ValueError:
        return default
    return number if number > 0 else default
