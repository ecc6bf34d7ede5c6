"""How long a secret that was read may be handed out: until its lease ends or its source changes.

A source that changed into something unreadable does not take the secret away: the last good one stays in use, with one
log line and one count for each such change.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Final, Generic, TypeVar

V = TypeVar("V")

DEFAULT_LEASE: Final = 300.0
RETRY: Final = 1.0
"""Seconds before a source that could not be read, and has no last good value, is tried again."""

log = logging.getLogger("gatewright.secrets")


Signature = tuple[int, int, int]


def file_signature(path: Path, maximum: int | None = None) -> Signature | None:
    """What tells one content of a file from another; None when there is no such regular file, or it is too large."""
    try:
        state = path.stat()
    except (OSError, ValueError):
        return None
    fits = S_ISREG(state.st_mode) and (maximum is None or state.st_size <= maximum)
    return (state.st_mtime_ns, state.st_size, state.st_ino) if fits else None


class Unreadable(Exception):
    """A source has something that is no secret; the message says what, without content."""


class RefreshFailures:
    """Counts the refreshes that failed and kept the last good secret, and tells who wants to know (metrics)."""

    def __init__(self) -> None:
        self.count = 0
        self._listeners: list[Callable[[str], None]] = []

    def subscribe(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call `listener(store name)` for each failure; the returned function ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def add(self, store: str) -> None:
        """Report one failure."""
        self.count += 1
        for listener in tuple(self._listeners):
            listener(store)


REFRESH_FAILURES: Final = RefreshFailures()
"""The hook for a metric: one for the process, as the metric is."""


@dataclass
class _Entry(Generic[V]):
    value: V | None
    signature: Hashable
    expires: float


class Leases(Generic[V]):
    """Values by name, each read at most once a lease unless the signature of its source changes."""

    def __init__(self, store: str, lease: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._lease = lease
        self._clock = clock
        self._entries: dict[str, _Entry[V]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def get(self, name: str, signature: Hashable, read: Callable[[], Awaitable[V]]) -> V | None:
        """Return the value of a name, reading it when needed; None when it cannot be read and never could."""
        entry = self._current(name, signature)
        if entry is None:
            async with self._locks.setdefault(name, asyncio.Lock()):
                entry = self._current(name, signature) or await self._read(name, signature, read)
        return entry.value

    def keep(self, name: str, signature: Hashable, value: V) -> None:
        """Take a value that was read elsewhere."""
        self._entries[name] = _Entry(value, signature, self._clock() + self._lease)

    def forget(self, name: str) -> None:
        """Drop a name whose source is gone."""
        self._entries.pop(name, None)

    def _current(self, name: str, signature: Hashable) -> _Entry[V] | None:
        entry = self._entries.get(name)
        fresh = entry is not None and entry.signature == signature and self._clock() < entry.expires
        return entry if fresh else None

    async def _read(self, name: str, signature: Hashable, read: Callable[[], Awaitable[V]]) -> _Entry[V]:
        last = self._entries.get(name)
        try:
            entry = _Entry(await read(), signature, self._clock() + self._lease)
        except Unreadable as problem:
            kept = last.value if last is not None else None
            if last is None or last.signature != signature:
                outcome = "the last good one stays in use" if kept is not None else "there is none"
                log.warning("%s: secret '%s' cannot be read, %s: %s", self._store, name, outcome, problem)
            if kept is not None:
                REFRESH_FAILURES.add(self._store)
            entry = _Entry(kept, signature, self._clock() + (self._lease if kept is not None else RETRY))
        self._entries[name] = entry
        return entry


def checked_lease(store: str, lease: float) -> float:
    """A lease that may be used: zero and unlimited are refused with a warning, and the default stands."""
    if 0 < lease < float("inf"):
        return lease
    log.warning("%s: leaseExpiry may be neither zero nor unlimited; 5 minutes are used", store)
    return DEFAULT_LEASE
