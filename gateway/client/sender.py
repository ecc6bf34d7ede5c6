"""A request body on its way up: piece by piece, no faster than the upstream takes it, while the response may come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from gateway.client.connection import Connection
from gateway.client.errors import UnsendableRequest

CONTINUE_WAIT: Final = 1.0
"""Seconds to wait for `100 Continue`; many servers never send it, so the body goes out all the same then."""


class BodySender:
    """Sends one body; the connection stops it when the response is whole first, or the exchange fails."""

    def __init__(
        self, connection: Connection, source: AsyncGenerator[bytes, None], length: int | None, *, expect: bool = False
    ) -> None:
        self._connection = connection
        self._source = source
        self._length = length
        self._expect = expect
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._connection.sender = self
        self._task = self._connection.loop.create_task(self._run(), name="request body")

    def stop(self) -> None:
        task = self._task
        if task is not None and not task.done() and task is not asyncio.current_task():
            task.cancel()

    async def _run(self) -> None:
        connection = self._connection
        try:
            async with aclosing(self._source):
                if self._expect and not await self._told_to_continue():
                    return
                await self._send()
            connection.last_seen = connection.loop.time()
            connection.sender = None
        except Exception as error:
            connection.fail(error)
        finally:
            connection.awaits_client = False

    async def _told_to_continue(self) -> bool:
        connection = self._connection
        told: asyncio.Future[None] = connection.loop.create_future()

        def tell() -> None:
            if not told.done():
                told.set_result(None)

        connection.on_continue = tell
        await asyncio.wait([told], timeout=CONTINUE_WAIT)
        connection.on_continue = None
        return not connection.answered

    async def _send(self) -> None:
        connection, left = self._connection, self._length
        connection.awaits_client = True
        async for piece in self._source:
            connection.awaits_client = False
            if connection.closed:
                return
            if left is None:
                connection.transport.writelines((b"%x\r\n" % len(piece), piece, b"\r\n") if piece else ())
            elif len(piece) <= left:
                left -= len(piece)
                connection.transport.write(piece)
            else:
                raise UnsendableRequest("the request body is longer than its Content-Length")
            await connection.drain()
            connection.awaits_client = True
        connection.awaits_client = False
        if left:
            raise UnsendableRequest("the request body is shorter than its Content-Length")
        if left is None and not connection.closed:
            connection.transport.write(b"0\r\n\r\n")
