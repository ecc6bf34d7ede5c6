"""Token buckets that the worker processes of one gateway share, in a file that all of them map into their memory.

A gateway keeps its rate whatever the number of its workers. The file is a table of slots; a bucket is in one of the few
slots that its partition may have. A slot whose bucket is full again is free, so nothing has to be cleaned; when all are
taken, the bucket that is full first makes room. Record locks of the system order the workers, and go with a dead one.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import struct
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic_ns

from gateway.throttling.buckets import Bucket, draw
from gateway.throttling.rate import ThrottlingRate

SLOT = struct.Struct("16sQQq")
SLOTS = 1 << 16
GROUP = 16
"""Slots that one partition may use; they are locked together."""


class WorkerBuckets:
    """The buckets of one filter in all worker processes of a gateway; the clock is that of the machine."""

    def __init__(self, file: Path, *, slots: int = SLOTS, clock: Callable[[], int] = monotonic_ns) -> None:
        self._clock = clock
        self._groups = slots // GROUP
        size = slots * SLOT.size
        self._file = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        # A file of this length is full of zeros, which are free slots, and takes room on disk only where one was used.
        os.ftruncate(self._file, size)
        self._memory = mmap.mmap(self._file, size)
        # A supervisor loads each configuration without ever starting or stopping its objects: it only forgets them.
        self._release = weakref.finalize(self, _release, self._memory, self._file)

    async def take(self, partition: str, rate: ThrottlingRate) -> int:
        key = hashlib.blake2b(partition.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        start = int.from_bytes(key[:8], "big") % self._groups * GROUP * SLOT.size
        with self._locked(start):
            now = self._clock()
            place, bucket = self._find(key, start, now)
            bucket, wait = draw(bucket, rate, now)
            SLOT.pack_into(self._memory, place, key, *bucket)
        return wait

    def clean(self) -> None:
        """Nothing to do: the slots of full buckets are free."""

    def close(self) -> None:
        self._release()

    def _find(self, key: bytes, start: int, now: int) -> tuple[int, Bucket | None]:
        """The slot of a partition with its bucket, or the one to use for it."""
        room, earliest = start, None
        for place in range(start, start + GROUP * SLOT.size, SLOT.size):
            owner, capacity, window, full_at = SLOT.unpack_from(self._memory, place)
            if owner == key and full_at > now:
                return place, Bucket(capacity, window, full_at)
            if earliest is None or full_at < earliest:
                room, earliest = place, full_at
        return room, None

    @contextmanager
    def _locked(self, start: int) -> Iterator[None]:
        size = GROUP * SLOT.size
        fcntl.lockf(self._file, fcntl.LOCK_EX, size, start)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, size, start)


def _release(memory: mmap.mmap, file: int) -> None:
    memory.close()
    os.close(file)
