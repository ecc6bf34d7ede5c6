"""Takes a response off its connection for a client that reads slowly: what it does not take yet waits in a file.

Only where the connections to the upstream are getting few; else the upstream waits for the client, and nothing is kept.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

from gateway.client.body import HIGH_WATER, BodyReader
from gateway.client.errors import ConnectionLost
from gateway.http.storage import Spool

if TYPE_CHECKING:
    from gateway.http.entity import Entity
    from gateway.http.storage import Storage

_PIECE: Final = 256 * 1024


def relieve(entity: Entity) -> None:
    """Read ahead of the client as far as the entity's storage allows, if others may need the connection."""
    body = entity.take()
    if isinstance(body, BodyReader) and body.crowded:
        entity.set_raw(RelievedBody(_Backlog(body, entity.storage)))
    elif body is not None:
        entity.set_raw(body)


class RelievedBody:
    """The reader's end, an `entity.Body`; closed or forgotten before the end, it takes the connection with it."""

    __slots__ = ("_backlog", "length")

    def __init__(self, backlog: _Backlog) -> None:
        self._backlog = backlog
        self.length = backlog.body.length
        backlog.task = asyncio.get_running_loop().create_task(backlog.fill(), name="response body")

    def __aiter__(self) -> RelievedBody:
        return self

    async def __anext__(self) -> bytes:
        piece = await self._backlog.take()
        if piece is None:
            raise StopAsyncIteration
        return piece

    def close(self) -> None:
        self._backlog.close()

    def __del__(self) -> None:
        self.close()


class _Backlog:
    """What has come and was not taken: first what is in memory, then what is in the file."""

    def __init__(self, body: BodyReader, storage: Storage) -> None:
        self.body = body
        self.task: asyncio.Task[None] | None = None
        self._storage = storage
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._spool: Spool | None = None
        self._read = 0
        self._writing = self._done = self._closed = False
        self._error: BaseException | None = ConnectionLost("the response was given up in the middle")
        self._changed = asyncio.Event()

    async def fill(self) -> None:
        """Take the body as it comes; stand still only while the file has reached its limit."""
        try:
            async for piece in self.body:
                await self._keep(piece)
                self._changed.set()
                if self._closed:
                    return
            self._error = None
        except Exception as error:  # the reader gets it, behind what came before
            self._error = error
        finally:
            self._done, self.task = True, None
            self._changed.set()
            self.body.close()
            if self._closed:
                self._drop()

    async def _keep(self, piece: bytes) -> None:
        """Put a piece where there is room for it, which may come when the reader has taken all."""
        while not self._closed:
            spool = self._spool
            if spool is None and self._size < HIGH_WATER:
                self._pieces.append(piece)
                self._size += len(piece)
                return
            if (spool.size if spool else 0) + len(piece) <= self._storage.file_limit:
                spool = self._spool = spool or Spool(self._storage.directory)
                self._writing = True
                await spool.write(piece)
                self._writing = False
                return
            self._changed.clear()
            await self._changed.wait()

    async def take(self) -> bytes | None:
        """The next bytes; None at the end."""
        while True:
            if self._pieces:
                piece = self._pieces.popleft()
                self._size -= len(piece)
                self._changed.set()
                return piece
            if self._spool is not None and self._read < self._spool.size:
                return await self._from_file(self._spool)
            if self._done:
                if self._error is not None:
                    raise self._error
                return None
            self._changed.clear()
            await self._changed.wait()

    async def _from_file(self, spool: Spool) -> bytes:
        piece = await asyncio.to_thread(spool.read_at, self._read, _PIECE)
        self._read += len(piece)
        if self._read == spool.size and not self._writing:
            self._drop()
            self._changed.set()
        return piece

    def close(self) -> None:
        """Nobody wants the rest."""
        if not self._closed:
            self._closed = True
            self._pieces.clear()
            self._changed.set()
            self.body.close()
            if self._done:
                self._drop()

    def _drop(self) -> None:
        spool, self._spool, self._read = self._spool, None, 0
        if spool is not None:
            spool.close()
