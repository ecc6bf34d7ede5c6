"""Upstream servers that play a script over a raw socket."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any


class Peer:
    """One connection, as the upstream's script sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def head(self) -> bytes:
        return await self.reader.readuntil(b"\r\n\r\n")

    async def read(self, size: int) -> bytes:
        return await self.reader.readexactly(size)

    async def chunked(self) -> list[bytes]:
        chunks = []
        while size := int(await self.reader.readline(), 16):
            chunks.append(await self.reader.readexactly(size))
            await self.reader.readexactly(2)
        await self.reader.readexactly(2)
        return chunks

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def gone(self) -> None:
        """Wait until the gateway has closed the connection."""
        try:
            while await self.reader.read(65536):
                pass
        except ConnectionError:
            pass

    def close(self) -> None:
        self.writer.close()

    def reset(self) -> None:
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Script = Callable[[Peer], Awaitable[None]]


class Upstream:
    """Plays the first script on its first connection, the second on its second, the last on all that follow."""

    def __init__(self, *scripts: Script, ssl: Any = None, host: str = "127.0.0.1") -> None:
        self.scripts = scripts
        self.ssl = ssl
        self.host = host
        self.connections = 0
        self.heads: list[bytes] = []
        self.failures: list[BaseException] = []
        self._running: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Upstream:
        self.server = await asyncio.start_server(self._serve, self.host, 0, ssl=self.ssl)
        self.port = self.server.sockets[0].getsockname()[1]
        scheme = "https" if self.ssl else "http"
        self.url = f"{scheme}://{self.host if ':' not in self.host else f'[{self.host}]'}:{self.port}"
        return self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        script = self.scripts[min(self.connections, len(self.scripts) - 1)]
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        peer = Peer(reader, writer)
        read_head = peer.head

        async def recorded() -> bytes:
            head = await read_head()
            self.heads.append(head)
            return head

        peer.head = recorded  # type: ignore[method-assign]
        try:
            await script(peer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except asyncio.CancelledError:
            pass
        except Exception as error:
            self.failures.append(error)
        finally:
            self._running.discard(task)
            writer.close()
            try:
                await writer.wait_closed()
            except OSError:
                pass

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        for task in [*self._running]:
            task.cancel()
        while self._running:
            await asyncio.sleep(0)
        await self.server.wait_closed()
        assert not self.failures


def reply(*answers: bytes) -> Script:
    """A script that answers request after request on its connection; the last answer repeats."""

    async def script(peer: Peer) -> None:
        for number in range(10_000):
            head = await peer.head()
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    await peer.read(int(line.partition(b":")[2]))
            if b"transfer-encoding: chunked" in head.lower():
                await peer.chunked()
            await peer.send(answers[min(number, len(answers) - 1)])

    return script


def once(answer: bytes) -> Script:
    """A script that answers one request and closes."""

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(answer)

    return script


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
