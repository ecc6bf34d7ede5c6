"""Ports that take requests: opens sockets, serves connections, and drains them when it stops."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from gateway.certificates.context import AnchoredContext
from gateway.server.admission import Admission
from gateway.server.protocol import HttpProtocol
from gateway.server.service import Service

logger = logging.getLogger("gatewright.server")

TlsProvider = Callable[[], ssl.SSLContext]
"""Gives the TLS context of a listener when it starts: certificates are read then and not before."""

_BACKLOG = 1024


class Listener:
    """One connector: some ports of one interface with one service behind them."""

    def __init__(
        self,
        service: Service,
        ports: Sequence[int],
        host: str = "0.0.0.0",  # noqa: S104 - the documented default of a connector
        *,
        tls: TlsProvider | None = None,
        sockets: Sequence[socket.socket] = (),
        handshake_timeout: float = 10.0,
    ) -> None:
        """Bound `sockets` are listened on, by duplicates of them, in the place of ports and host."""
        self.service = service
        self._ports, self._host, self._tls = tuple(ports), host, tls
        self._sockets = tuple(sockets)
        self._handshake_timeout = handshake_timeout
        self._context: ssl.SSLContext | None = None
        self._admission = Admission(lambda: HttpProtocol(service))
        self._servers: list[asyncio.Server] = []
        self._covering: list[asyncio.Server] = []

    @property
    def ports(self) -> list[int]:
        """The ports that are open; where 0 was asked for, the one that the system chose."""
        return [socket.getsockname()[1] for server in self._servers for socket in server.sockets]

    async def start(self) -> None:
        """Open every port, or none: OSError says which could not be opened."""
        self._context = self._tls() if self._tls is not None else None
        self._admission.stopped = False
        self.service.draining = self.service.stopping = False
        self.service.clock.start()
        named = ({"host": self._host, "port": port} for port in self._ports)
        try:
            for place in _duplicates(self._sockets) if self._sockets else named:
                self._servers.append(await self._serve(place))
        except BaseException:
            await self.stop(0)
            raise

    async def cover(self, sockets: Sequence[socket.socket]) -> None:
        """Take the connections of other sockets too, until `uncover`."""
        for place in _duplicates(sockets):
            self._covering.append(await self._serve(place))

    def uncover(self) -> None:
        """Leave the sockets of others to their owner: connections that wait at them are not lost."""
        covering, self._covering = self._covering, []
        for server in covering:
            server.close()

    async def _serve(self, place: dict[str, Any]) -> asyncio.Server:
        asks = isinstance(self._context, AnchoredContext)
        return await asyncio.get_running_loop().create_server(
            self._admission.protocol if asks else lambda: HttpProtocol(self.service),
            ssl=self._context,
            ssl_handshake_timeout=self._handshake_timeout if self._context is not None else None,
            backlog=_BACKLOG,
            **place,
        )

    def leave(self) -> None:
        """Take no more connections, and answer one more request on each open one.

        Unlike `stop` it closes no idle connection, on which a request may be on its way.
        """
        self.service.draining = True
        self.uncover()
        for server in self._servers:
            server.close()

    async def deserted(self, patience: float) -> None:
        """Wait for the end of all connections, for so many seconds at most."""
        loop = asyncio.get_running_loop()
        end = loop.time() + patience
        # One whose TLS handshake still runs is not among them yet, so they are looked at again.
        while (tasks := self._tasks()) and (left := end - loop.time()) > 0:
            await asyncio.wait(tasks, timeout=left)

    def _tasks(self) -> list[asyncio.Task[None]]:
        return [*self._admission.tasks, *(connection.task for connection in self.service.connections)]

    async def stop(self, grace: float = 1.0) -> None:
        """Take no more connections, let running exchanges end for `grace` seconds, then end them."""
        service = self.service
        service.draining = service.stopping = True
        self.uncover()
        servers, self._servers = self._servers, []
        for server in servers:
            server.close()
        await self._admission.stop()
        connections = list(service.connections)
        for connection in connections:
            connection.finish()
        tasks = [connection.task for connection in connections]
        if tasks:
            _, running = await asyncio.wait(tasks, timeout=max(grace, 0.0))
            if running:
                logger.warning("%d exchanges were ended by the grace period", len(running))
            for connection in connections:
                connection.cut()
            await asyncio.gather(*tasks, return_exceptions=True)
        service.clock.stop()
        for server in servers:
            await server.wait_closed()


def _duplicates(sockets: Sequence[socket.socket]) -> Iterator[dict[str, Any]]:
    # A server closes what it listens on; the sockets themselves outlive it.
    return ({"sock": one.dup()} for one in sockets)
