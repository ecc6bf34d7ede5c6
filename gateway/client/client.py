"""The upstream side of the gateway: sends a request to the server that its URI names and gives the response.

One client has one set of options and a pool for each origin; `shared` hands clients to those who need them. It follows
no redirect, keeps no cookie and decodes nothing.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from time import perf_counter
from typing import Final

from gateway.client.connect import Connector
from gateway.client.connection import Connection, StaleConnection
from gateway.client.errors import UnsendableRequest
from gateway.client.head import ALWAYS_SIZED, CHUNKED, EXPECT, request_head
from gateway.client.options import DEFAULT_PORTS, ClientOptions, Origin
from gateway.client.pool import Pool
from gateway.client.resolve import DEFAULT, Resolver
from gateway.client.sender import BodySender
from gateway.client.ticker import Ticker
from gateway.http.ahead import peek
from gateway.http.message import Request, Response
from gateway.http.uri import Uri
from gateway.metrics.http_traffic import CLIENTS

SEND_WHOLE: Final = 64 * 1024
"""A body up to this size goes out in one write with its head."""
IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
_ALIASES: Final = 1024


class HttpClient:
    """Sends requests; bound to the event loop that it is made in."""

    __slots__ = ("_abort_at", "_aliases", "_connector", "_loop", "_pools", "_ticker", "options")

    def __init__(self, options: ClientOptions, resolver: Resolver = DEFAULT) -> None:
        self.options = options
        self._loop = asyncio.get_running_loop()
        self._connector = Connector(options, resolver, self._loop)
        self._pools: dict[Origin, Pool] = {}
        self._aliases: dict[tuple[str | None, str | None], Pool] = {}
        shortest = min(options.so_timeout, options.keep_alive, options.time_to_live)
        self._ticker = Ticker(self._loop, shortest / 8, self._tick)
        self._abort_at = math.inf

    async def send(self, request: Request) -> Response:
        """Send a request; the response comes when its head is there, its entity may still be on the way.

        Raises an error of `gateway.client.errors`. A request without side effects (RFC 9110 section 9.2.2) that met a
        kept connection which the upstream had closed meanwhile is sent again, once, on a new connection.
        """
        uri = request.uri
        pool: Pool = self._aliases.get(uri.origin()) or self._pool(uri)
        if pool.crowded() and request.has_entity():
            # A client that hardly sends must not hold a connection that others wait for.
            await peek(request.entity, SEND_WHOLE)
        started = perf_counter()
        connection: Connection = pool.take() or await pool.connect()
        try:
            response: Response = await self._begin(connection, request, pool.origin)
        except asyncio.CancelledError:
            self._cancelled(connection)
            raise
        except StaleConnection as stale:
            again = request.method in IDEMPOTENT and not (request.has_entity() and not request.entity.buffered)
            if stale.sent and not again:
                raise
            response = await self._exchange(await pool.connect(), request, pool.origin)
        CLIENTS.record(pool.remote, request.method, response.status.code, perf_counter() - started)
        return response

    async def _exchange(self, connection: Connection, request: Request, origin: Origin) -> Response:
        waiter = self._begin(connection, request, origin)
        try:
            return await waiter
        except asyncio.CancelledError:
            self._cancelled(connection)
            raise

    def _begin(self, connection: Connection, request: Request, origin: Origin) -> asyncio.Future[Response]:
        try:
            data, sender = prepare(connection, request, origin, self.options.upgrade)
        except BaseException:
            connection.close()
            raise
        waiter = connection.exchange(data, request.method == "HEAD")
        if sender is not None and not waiter.done():
            sender.start()
        return waiter

    def _cancelled(self, connection: Connection) -> None:
        # Otherwise the exchange goes on without a listener, and the connection is free again when it is over.
        if self.options.propagate_disconnection or connection.sender is not None:
            connection.close()

    def _pool(self, uri: Uri) -> Pool:
        origin = self.origin(uri)
        pool = self._pools.get(origin)
        if pool is None:
            pool = self._pools[origin] = Pool(origin, self.options, self._loop, self._connector.open)
            self._ticker.wake()
        if len(self._aliases) >= _ALIASES:
            self._aliases.clear()
        self._aliases[uri.origin()] = pool
        return pool

    def origin(self, uri: Uri) -> Origin:
        """Where a URI leads; UnsendableRequest when it leads nowhere."""
        scheme, host = (uri.scheme or "").lower(), uri.host
        scheme = {"ws": "http", "wss": "https"}.get(scheme, scheme)
        if scheme not in DEFAULT_PORTS or not host:
            raise UnsendableRequest("the request URI has no http or https scheme, or no valid host")
        port = uri.port
        bare = host.lower().removeprefix("[").removesuffix("]")
        return Origin(
            scheme, bare, DEFAULT_PORTS[scheme] if port < 0 else port, self.options.proxies.proxy_for(scheme, bare)
        )

    # -- life

    def _tick(self, now: float) -> bool:
        abort = now >= self._abort_at
        for origin, pool in [*self._pools.items()]:
            pool.tick(now)
            if abort:
                pool.abort()
            if pool.unused:
                del self._pools[origin]
                self._aliases = {key: kept for key, kept in self._aliases.items() if kept is not pool}
        return bool(self._pools)

    def close(self, grace: float = math.inf) -> None:
        """Close what is free now; running exchanges may end in their own time, or within the grace period."""
        self._abort_at = self._loop.time() + grace
        for pool in self._pools.values():
            pool.close()
        self._tick(self._loop.time())

    @property
    def connections(self) -> int:
        """Open connections, for leak checks."""
        return sum(pool.size for pool in self._pools.values())

    def usage(self) -> Iterator[tuple[str, int, int]]:
        """Remote address, open and busy connections of each pool, for metrics."""
        for pool in self._pools.values():
            yield pool.remote, pool.size, pool.busy


def prepare(
    connection: Connection, request: Request, origin: Origin, upgrade: str = ""
) -> tuple[bytes, BodySender | None]:
    """The bytes to send at once, and what sends the rest of the body."""
    if upgrade:
        return request_head(request, origin, b"\r\nConnection: Upgrade\r\nUpgrade: " + upgrade.encode()), None
    if not request.has_entity():
        sized = request.method in ALWAYS_SIZED
        return request_head(request, origin, b"\r\nContent-Length: 0" if sized else b""), None
    entity = request.entity
    length = entity.length
    framing = CHUNKED if length is None else b"\r\nContent-Length: %d" % length
    if length is not None and length <= SEND_WHOLE and entity.buffered:
        return request_head(request, origin, framing) + entity.raw, None
    expect = not entity.buffered and request.headers.has_token("Expect", "100-continue")
    head = request_head(request, origin, framing + EXPECT if expect else framing)
    return head, BodySender(connection, entity.stream(), length, expect=expect)
