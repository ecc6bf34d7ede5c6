"""Where bodies are buffered: in memory first, then in an unnamed file, up to a limit.

Follows the documented object TemporaryStorage, whose heap object makes a `Storage` from its properties.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from gateway.errors import EntityTooLarge

_PIECE: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Storage:
    """Limits of buffering: bytes kept in memory, bytes kept in all, and the directory of the files."""

    memory_limit: int = 65536
    file_limit: int = 1 << 30
    directory: Path | None = None
    overflow: int = 413
    """Status of an exchange whose body is over the limit: 413 for what a client sends."""

    @property
    def limit(self) -> int:
        """The largest body that is held."""
        return max(self.file_limit, self.memory_limit)

    def too_large(self) -> EntityTooLarge:
        return EntityTooLarge("a body is larger than the temporary storage", self.overflow)

    async def collect(self, source: AsyncIterator[bytes]) -> bytes | Spool:
        """Read a stream to its end; EntityTooLarge above the limit, and then nothing is kept."""
        pieces: list[bytes] = []
        size, held = 0, 0
        spool: Spool | None = None
        try:
            async for piece in source:
                size += len(piece)
                if size > self.limit:
                    raise self.too_large()
                pieces.append(piece)
                held += len(piece)
                if size > self.memory_limit and (spool is None or held >= _PIECE):
                    spool = spool or Spool(self.directory)
                    await spool.write(b"".join(pieces))
                    pieces, held = [], 0
            if spool is None:
                return b"".join(pieces)
            await spool.write(b"".join(pieces))
        except BaseException:
            if spool is not None:
                spool.close()
            raise
        return spool


class Spool:
    """A body in a file that has no name, so it is gone with the process at the latest."""

    __slots__ = ("_file", "size")

    def __init__(self, directory: Path | None) -> None:
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=directory, buffering=0)  # noqa: SIM115 - see close()
        self.size = 0

    async def write(self, data: bytes) -> None:
        if data:
            await asyncio.to_thread(self._append, data)

    def _append(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            written = self._file.write(view)
            self.size += written
            view = view[written:]

    def read_at(self, offset: int, size: int) -> bytes:
        """Bytes at a place, without moving a position that another reader relies on."""
        return os.pread(self._file.fileno(), size, offset)

    def read(self) -> bytes:
        return self.read_at(0, self.size)

    async def stream(self) -> AsyncIterator[bytes]:
        """The content in pieces; several readers may be under way at once, each from the beginning."""
        offset = 0
        while offset < self.size:
            piece = await asyncio.to_thread(self.read_at, offset, _PIECE)
            offset += len(piece)
            yield piece

    def close(self) -> None:
        self._file.close()
