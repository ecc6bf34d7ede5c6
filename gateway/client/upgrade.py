"""Connections that may switch protocols: after a 101 response they are a tunnel of bytes in both directions.

Used for WebSocket. The gateway does not look into the frames; a tunnel ends when one side closes, or when neither side
sends anything for soTimeout.
"""

from __future__ import annotations

import asyncio
from typing import Protocol, cast

from gateway.client.body import BodyBuffer
from gateway.client.connection import Connection
from gateway.client.errors import ConnectionLost, MalformedResponse
from gateway.client.parsing import BODY
from gateway.http.message import Response


class Duplex(Protocol):
    """The client's end of a tunnel: what `Response.upgrade` is called with."""

    async def read(self) -> bytes:
        """Bytes that arrived; empty at the end."""

    async def write(self, data: bytes) -> None:
        """Send bytes; comes back when more can be taken."""

    def close(self) -> None: ...


class UpgradeConnection(Connection):
    """A connection whose request asks for another protocol."""

    def __init__(self, loop: asyncio.AbstractEventLoop, head_limit: int, born: float, retire_at: float) -> None:
        super().__init__(loop, head_limit, born, retire_at)
        self._tunnel: ProtocolTunnel | None = None

    def data_received(self, data: bytes) -> None:
        if self._tunnel is None:
            super().data_received(data)
            return
        self.last_seen = self.loop.time()
        cast(BodyBuffer, self._buffer).feed(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._tunnel is not None and self._buffer is not None:
            self._buffer.finish()
            self._buffer = None
        super().connection_lost(exc)

    def _take_interim(self, code: int) -> None:
        if code != 101:
            super()._take_interim(code)
            return
        self._stage = BODY
        self._respond(code)

    def _switch(self, rest: bytes) -> None:
        response = cast(Response, self._response)
        buffer = self._buffer = BodyBuffer(self._pause, self._resume, self.close)
        tunnel = self._tunnel = ProtocolTunnel(self, buffer)
        response.headers.set("Connection", "Upgrade")
        response.headers.set("Upgrade", tunnel.protocol)
        response.upgrade = tunnel.join
        if rest:
            buffer.feed(rest)
        self._answer(response)

    def _finish(self) -> None:
        if self._response is not None and self._response.status.code == 101:
            self.fail(MalformedResponse("a 101 response that does not say which protocol follows"))
        else:
            super()._finish()

    async def send(self, data: bytes) -> None:
        """Pass bytes to the upstream; ConnectionLost when it is gone."""
        if self.closed or self.transport.is_closing():
            raise ConnectionLost("the tunnel is closed")
        self.transport.write(data)
        self.last_seen = self.loop.time()
        await self.drain()


class ProtocolTunnel:
    """The upstream's end of a tunnel."""

    protocol = "websocket"

    def __init__(self, connection: UpgradeConnection, buffer: BodyBuffer) -> None:
        self._connection = connection
        self._buffer = buffer

    async def join(self, client: Duplex) -> None:
        """Pass bytes both ways until one side closes; both ends are closed then."""
        loop = self._connection.loop
        ways = [
            loop.create_task(self._upwards(client), name="tunnel upwards"),
            loop.create_task(self._downwards(client), name="tunnel downwards"),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._connection.close()
            client.close()

    async def _upwards(self, client: Duplex) -> None:
        while data := await client.read():
            await self._connection.send(data)

    async def _downwards(self, client: Duplex) -> None:
        while data := await self._buffer.take():
            await client.write(data)
