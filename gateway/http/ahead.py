"""Reads the beginning of a body ahead of whoever reads the body, who misses nothing by it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.http.entity import Body, Entity


class Resumed:
    """A body of which a part has been read: that part, then the rest."""

    def __init__(self, begun: list[bytes], rest: AsyncIterator[bytes], body: Body) -> None:
        self.length = body.length
        self._begun = begun
        self._rest = rest
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._begun:
            yield piece
        self._begun = []
        async for piece in self._rest:
            yield piece

    def close(self) -> None:
        self._begun = []
        self._body.close()


async def peek(entity: Entity, limit: int) -> tuple[bytes, bool]:
    """The raw content, or at least its first bytes, and whether that is all; a stream stays one if it is longer."""
    if entity.buffered:
        return entity.raw, True
    body = entity.take()
    assert body is not None  # it is not buffered
    pieces: list[bytes] = []
    size, rest = 0, aiter(body)
    async for piece in rest:
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            entity.set_raw(Resumed(pieces, rest, body))
            return b"".join(pieces), False
    content = b"".join(pieces)
    entity.set_raw(content)
    return content, True
