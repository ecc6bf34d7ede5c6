"""TemporaryStorage: where bodies are buffered, in memory first and then in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import PrivateAttr

from config.declaration import HeapObject, NoEffect
from config.types import Static
from expr.scope import implicit
from gateway.http.storage import Storage

MAXIMUM = 2147483647


class TemporaryStorage(HeapObject):
    """Buffers bodies: in memory up to memoryLimit, in a file up to fileLimit.

    A request body above it is answered 413, a response body that would have to be buffered 502.
    """

    initialLength: Annotated[Static[int], NoEffect("memory is allocated as a body arrives")] = 8192
    """Bytes first allocated; 8192 by default."""
    memoryLimit: Static[int] = 65536
    """Bytes kept in memory; 65536 by default."""
    fileLimit: Static[int] = 1073741824
    """Bytes kept in all; 1073741824 (1 GiB) by default."""
    directory: Static[str] | None = None
    """Directory of the files; the temporary directory of the instance by default."""

    example: ClassVar = {
        "name": "TemporaryStorage",
        "type": "TemporaryStorage",
        "config": {"memoryLimit": 1048576, "fileLimit": 10485760},
    }

    _storage: Storage | None = PrivateAttr(default=None)

    def verify(self) -> Iterator[tuple[str, str, str]]:
        for name in ("initialLength", "memoryLimit", "fileLimit"):
            if not 0 <= getattr(self, name) <= MAXIMUM:
                yield name, f"{getattr(self, name)} is not from 0 to {MAXIMUM}", "write a number of bytes"
        if self.initialLength > self.memoryLimit:
            yield "initialLength", "initialLength is larger than memoryLimit", f"use at most {self.memoryLimit}"

    @property
    def storage(self) -> Storage:
        """The limits as entities use them."""
        if self._storage is None:
            place = self.directory or implicit.openig.get("temporaryDirectory")
            self._storage = Storage(self.memoryLimit, self.fileLimit, Path(str(place)) if place else None)
        return self._storage
