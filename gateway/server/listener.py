"""Ports that take requests: opens sockets, serves connections, and drains them when it stops."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Sequence

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
        reuse_port: bool = False,
        handshake_timeout: float = 10.0,
    ) -> None:
        self.service = service
        self._ports, self._host, self._tls = tuple(ports), host, tls
        self._reuse_port = reuse_port
        self._handshake_timeout = handshake_timeout
        self._servers: list[asyncio.Server] = []

    @property
    def ports(self) -> list[int]:
        """The ports that are open; where 0 was asked for, the one that the system chose."""
        return [socket.getsockname()[1] for server in self._servers for socket in server.sockets]

    async def start(self) -> None:
        """Open every port, or none: OSError says which could not be opened."""
        context = self._tls() if self._tls is not None else None
        loop = asyncio.get_running_loop()
        self.service.draining = False
        self.service.clock.start()
        try:
            for port in self._ports:
                server = await loop.create_server(
                    lambda: HttpProtocol(self.service),
                    self._host,
                    port,
                    ssl=context,
                    ssl_handshake_timeout=self._handshake_timeout if context is not None else None,
                    backlog=_BACKLOG,
                    reuse_port=self._reuse_port or None,
                )
                self._servers.append(server)
        except BaseException:
            await self.stop(0)
            raise

    async def stop(self, grace: float = 1.0) -> None:
        """Take no more connections, let running exchanges end for `grace` seconds, then end them."""
        service = self.service
        service.draining = True
        servers, self._servers = self._servers, []
        for server in servers:
            server.close()
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
