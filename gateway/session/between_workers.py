"""Sessions that the worker processes of one gateway share, as encrypted files of a directory that only they can read.

The time at which a session ends is the modification time of its file, by the clock that runs since the machine started.
Two requests of one client that change its session at the same time, on different workers, both get their changes in:
what a request changed is put into what is there by then. Knows neither cookies nor requests.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.session.base import Values, dump

DIRECTORY: Final = "sessions"
_LOCK: Final = "sessions.lock"
_NONCE: Final = 12
_SECOND: Final = 1_000_000_000
_FOREVER: Final = 1 << 60
_NEW: Final = ".new"
_GONE: Final = object()


class WorkerSessions:
    """The sessions of one manager in all workers."""

    def __init__(self, shared: Path, key: bytes, manager: tuple[str, ...], clock: Callable[[], float] = monotonic):
        self._shared = shared
        self._cipher = AESGCM(key)
        self._manager = hashlib.sha256(repr(manager).encode()).hexdigest()[:16]
        self._clock = clock
        (shared / DIRECTORY).mkdir(mode=0o700, exist_ok=True)

    def find(self, handle: str, timeout: float) -> bytes | None:
        """The content of a session, which from now on lives for another `timeout`."""
        file = self._file(handle)
        content = self._read(file)
        if content is not None:
            with suppress(FileNotFoundError):
                _set_end(file, self._end(timeout))
        return content

    def keep(self, handle: str, before: bytes, values: Values, timeout: float) -> bytes:
        """Put what was changed since `before` into the session; what its content is now."""
        file = self._file(handle)
        with _locked(self._shared, file.name):
            there = self._read(file)
            content = dump(values)
            if there is not None and there != before:
                content = dump(merge(json.loads(before), values, json.loads(there)))
            self._write(file, content, timeout)
        return content

    def _file(self, handle: str) -> Path:
        # Whoever sees the names of files cannot use them as cookies.
        name = hashlib.sha256(f"{self._manager}:{handle}".encode("utf-8", "surrogatepass")).hexdigest()
        return self._shared / DIRECTORY / name

    def _read(self, file: Path) -> bytes | None:
        try:
            with file.open("rb") as opened:
                if os.fstat(opened.fileno()).st_mtime_ns <= self._clock() * _SECOND:
                    return None
                data = opened.read()
            return self._cipher.decrypt(data[:_NONCE], data[_NONCE:], file.name.encode())
        except (FileNotFoundError, InvalidTag):
            return None

    def _write(self, file: Path, content: bytes, timeout: float) -> None:
        nonce = os.urandom(_NONCE)
        made = file.with_name(f"{file.name}{_NEW}")
        made.write_bytes(nonce + self._cipher.encrypt(nonce, content, file.name.encode()))
        _set_end(made, self._end(timeout))
        made.replace(file)

    def _end(self, timeout: float) -> int:
        return int(min((self._clock() + timeout) * _SECOND, _FOREVER))


def merge(before: Values, mine: Values, theirs: Values) -> Values:
    """What `theirs` becomes when the changes from `before` to `mine` are made in it, object by object."""
    merged = dict(theirs)
    for name in {*before, *mine}:
        old, new, other = before.get(name, _GONE), mine.get(name, _GONE), theirs.get(name, _GONE)
        if new == old:
            continue
        if new is _GONE:
            merged.pop(name, None)
        elif all(isinstance(value, dict) for value in (old, new, other)):
            merged[name] = merge(*_dicts(old, new, other))
        else:
            merged[name] = new
    return merged


def _dicts(*values: Any) -> tuple[Values, ...]:
    return values


def sweep(shared: Path, clock: Callable[[], float] = monotonic) -> None:
    """Remove the sessions whose time is over."""
    directory = shared / DIRECTORY
    if not directory.is_dir():
        return
    for entry in os.scandir(directory):
        with suppress(FileNotFoundError):
            if entry.name.endswith(_NEW) or _is_over(Path(entry), clock):
                with _locked(shared, entry.name):
                    # Nobody writes while the lock is held here: a file that is still new was left by a dead worker.
                    if entry.name.endswith(_NEW) or _is_over(Path(entry), clock):
                        Path(entry).unlink()


def _is_over(file: Path, clock: Callable[[], float]) -> bool:
    return file.stat().st_mtime_ns <= clock() * _SECOND


def _set_end(file: Path, end: int) -> None:
    os.utime(file, ns=(end, end))


@contextmanager
def _locked(shared: Path, name: str) -> Iterator[None]:
    """Keep other workers from a session, by a lock of the system, which goes with a worker that is killed."""
    descriptor = os.open(shared / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX, 1, int(name[:4], 16))
        yield
    finally:
        os.close(descriptor)
