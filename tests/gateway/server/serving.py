"""A listener on a port of its own, and a client that speaks in raw bytes."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from gateway.http.headers import Headers
from gateway.http.message import Response
from gateway.server.limits import Limits
from gateway.server.listener import Listener
from gateway.server.service import Service


class Client:
    """One raw connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def head(self) -> bytes:
        return await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)

    async def response(self) -> tuple[bytes, bytes]:
        """A head and the body that its Content-Length announces."""
        head = await self.head()
        length = next(
            (line.partition(b":")[2] for line in head.split(b"\r\n") if line.startswith(b"Content-Length")), b"0"
        )
        return head, await asyncio.wait_for(self.reader.readexactly(int(length)), 10)

    async def rest(self) -> bytes:
        """Everything until the server ends the connection."""
        return await asyncio.wait_for(self.reader.read(), 10)

    def reset(self) -> None:
        """Go away without a word: the other side gets a reset."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            pass


class Server:
    """What a test sees of a running listener."""

    def __init__(self, listener: Listener) -> None:
        self.listener, self.service = listener, listener.service
        self.clients: list[Client] = []

    @property
    def port(self) -> int:
        return self.listener.ports[0]

    async def connect(self, **options: Any) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port, **options))
        self.clients.append(client)
        return client

    async def exchange(self, data: bytes) -> bytes:
        """Send bytes on a connection of their own, end it, and give back all that was answered."""
        client = await self.connect()
        await client.send(data)
        client.writer.write_eof()
        return await client.rest()


async def hello(context: Any, request: Any) -> Response:
    """Says which path was asked for."""
    return Response(200, Headers([("Content-Type", "text/plain")]), request.uri.raw_path.encode())


@asynccontextmanager
async def serving(
    application: Any = hello, *, tls: Any = None, grace: float = 0.0, **options: Any
) -> AsyncIterator[Server]:
    limits = Limits(**{name: options.pop(name) for name in list(options) if name in Limits.__slots__})
    service = Service(application, limits=limits, secure=tls is not None, **options)
    listener = Listener(service, [0], "127.0.0.1", tls=tls)
    await listener.start()
    server = Server(listener)
    try:
        yield server
    finally:
        for client in server.clients:
            await client.close()
        await listener.stop(grace)


async def until(condition: Any) -> None:
    """Let the loop run until something holds."""
    for _ in range(100_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("what the test waits for does not happen")
