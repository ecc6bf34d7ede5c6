"""Connections to one origin: kept, limited, and waited for in the order of arrival."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable

from gateway.client.connection import Connection
from gateway.client.errors import PoolExhausted
from gateway.client.options import ClientOptions, Origin


class Pool:
    """The connections of one client to one origin.

    While somebody waits, no newcomer overtakes: a free connection, or the right to open one, goes to who waits longest.
    """

    __slots__ = (
        "_all",
        "_closing",
        "_idle",
        "_keep_alive",
        "_limit",
        "_loop",
        "_open",
        "_opening",
        "_options",
        "_waiters",
        "origin",
        "remote",
    )

    def __init__(
        self,
        origin: Origin,
        options: ClientOptions,
        loop: asyncio.AbstractEventLoop,
        opener: Callable[[Origin], Awaitable[Connection]],
    ) -> None:
        self.origin = origin
        self.remote = origin.authority
        self._options = options
        self._limit = options.connections
        self._keep_alive = options.keep_alive
        self._loop = loop
        self._open = opener
        self._idle: list[Connection] = []
        self._all: set[Connection] = set()
        """The idle ones and the busy ones."""
        self._opening = 0
        self._waiters: deque[asyncio.Future[Connection | None]] = deque()
        self._closing = False

    def take(self) -> Connection | None:
        """A kept connection, the one used last; None when there is none."""
        idle = self._idle
        while idle:
            connection: Connection = idle.pop()
            now = self._loop.time()
            if now < connection.expires and now < connection.retire_at:
                return connection
            connection.close()
        return None

    async def connect(self) -> Connection:
        """A connection when `take` has none, or a new one when kept ones proved stale."""
        if self.size >= self._limit:
            if not self._idle:
                return await self._wait()
            self._idle.pop(0).close()
        self._opening += 1
        return await self._dial()

    async def _dial(self) -> Connection:
        """Open a connection for which a place was taken before."""
        connection = None
        try:
            connection = await self._open(self.origin)
            connection.owner = self
            self._all.add(connection)
        finally:
            self._opening -= 1
            if connection is None:
                self._offer_places()
        return connection

    async def _wait(self) -> Connection:
        if len(self._waiters) >= self._options.wait_queue:
            raise PoolExhausted(f"all {self._limit} connections to {self.origin} are busy, and the queue")
        place = self._loop.create_future()
        self._waiters.append(place)
        limit = self._options.connect_timeout
        try:
            async with asyncio.timeout(None if math.isinf(limit) else limit):
                connection: Connection | None = await place
        except BaseException as error:
            self._give_back(place)
            if isinstance(error, TimeoutError):
                raise PoolExhausted(f"no connection to {self.origin} became free for {limit:g} s") from None
            raise
        return connection if connection is not None else await self._dial()

    def _give_back(self, place: asyncio.Future[Connection | None]) -> None:
        """Leave the queue; what was handed over at the same moment goes to the next one."""
        if not place.done() or place.cancelled():
            place.cancel()
            if place in self._waiters:
                self._waiters.remove(place)
        elif (connection := place.result()) is not None:
            self._keep(connection)
        else:
            self._opening -= 1
            self._offer_places()

    # -- what connections report

    def released(self, connection: Connection, reusable: bool) -> None:
        if not reusable:
            self._all.discard(connection)
            self._offer_places()
        elif self._closing:
            connection.close()
        else:
            if connection.expires == math.inf:
                connection.expires = connection.last_seen + self._keep_alive
            self._keep(connection)

    def _keep(self, connection: Connection) -> None:
        if connection.closed or connection.last_seen >= connection.retire_at:
            self._all.discard(connection)
            connection.close()
            self._offer_places()
            return
        waiters = self._waiters
        while waiters:
            place = waiters.popleft()
            if not place.done():
                place.set_result(connection)
                return
        self._idle.append(connection)

    def lost(self, connection: Connection) -> None:
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._offer_places()

    def _offer_places(self) -> None:
        while self._waiters and self.size < self._limit:
            place = self._waiters.popleft()
            if not place.done():
                self._opening += 1
                place.set_result(None)

    # -- housekeeping

    @property
    def size(self) -> int:
        return len(self._all) + self._opening

    @property
    def busy(self) -> int:
        return len(self._all) - len(self._idle)

    def crowded(self) -> bool:
        """Whether half of the connections are taken: time not to give one to somebody who does not use it yet."""
        return 2 * (len(self._all) - len(self._idle) + self._opening) >= self._limit

    @property
    def unused(self) -> bool:
        """Whether nothing is here, so that the pool can be forgotten."""
        return not self.size and not self._waiters

    def tick(self, now: float) -> None:
        for connection in [*self._all]:
            connection.expire(now, self._options.so_timeout)
        for connection in [*self._idle]:
            if now >= connection.expires or now >= connection.retire_at:
                connection.close()

    def close(self) -> None:
        """Close what is free; what is busy closes when its exchange is over."""
        self._closing = True
        for connection in [*self._idle]:
            connection.close()

    def abort(self) -> None:
        self.close()
        for connection in [*self._all]:
            connection.close()
