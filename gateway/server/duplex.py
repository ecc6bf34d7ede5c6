"""A connection that speaks another protocol after a 101 response: bytes in both directions, with back-pressure."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

HIGH_WATER: Final = 256 * 1024


class Duplex(asyncio.Protocol):
    """What `Response.upgrade` is called with; when that call ends the connection is closed."""

    def __init__(
        self, transport: asyncio.Transport, received: bytes, on_lost: Callable[[Exception | None], None]
    ) -> None:
        self._transport = transport
        self._pieces: deque[bytes] = deque([received] if received else [])
        self._waiting = len(received)
        self._ended = False
        self._lost = False
        self._paused_reading = False
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._on_lost = on_lost

    async def read(self) -> bytes:
        """The next bytes of the client; empty when it has ended its side."""
        while not self._pieces:
            if self._ended:
                return b""
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        piece = self._pieces.popleft()
        self._waiting -= len(piece)
        if self._paused_reading and self._waiting <= HIGH_WATER // 2 and not self._lost:
            self._paused_reading = False
            self._transport.resume_reading()
        return piece

    async def write(self, data: bytes) -> None:
        """Send bytes and wait while the client does not take them; ConnectionResetError when it is gone."""
        if self._lost or self._transport.is_closing():
            raise ConnectionResetError("the client is gone")
        self._transport.write(data)
        if self._writer is not None:
            await asyncio.shield(self._writer)

    def write_eof(self) -> None:
        """End this side; the other may go on sending."""
        if not self._lost and self._transport.can_write_eof():
            self._transport.write_eof()

    def close(self) -> None:
        self._transport.close()

    # -- asyncio.Protocol

    def data_received(self, data: bytes) -> None:
        self._pieces.append(data)
        self._waiting += len(data)
        if self._waiting > HIGH_WATER and not self._paused_reading:
            self._paused_reading = True
            self._transport.pause_reading()
        self._wake_reader()

    def eof_received(self) -> bool:
        self._ended = True
        self._wake_reader()
        return self._transport.get_extra_info("sslcontext") is None  # TLS has no half-closed connections

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = self._lost = True
        self._wake_reader()
        self.resume_writing()
        self._on_lost(exc)

    def pause_writing(self) -> None:
        if self._writer is None:
            self._writer = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None and not writer.done():
            writer.set_result(None)

    def _wake_reader(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None and not reader.done():
            reader.set_result(None)
