"""Files of events: appended to, rotated, pruned, and continued when somebody else has moved them.

Several processes may append to one file: a batch is one write, and a rotation or a header is done under a lock.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final

from gateway.audit.java_date import formatted

MODE: Final = 0o644

try:
    import fcntl
except ImportError:  # no such locks on this platform: there is one process then
    fcntl = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Rotation:
    """When a file is put aside; times in seconds, the day's in seconds after midnight UTC."""

    size: int = 0
    interval: float = 0.0
    times: tuple[float, ...] = ()
    prefix: str = ""
    suffix: str = "-yyyy.MM.dd-HH.mm.ss"


@dataclass(frozen=True)
class Retention:
    """How many files that were put aside are kept; zero and less is no limit."""

    files: int = 0
    space: int = 0
    free: int = 0


def _utc_now() -> datetime:
    return datetime.now(UTC)


class EventFile:
    """One file of one topic, written by one thread."""

    def __init__(
        self,
        path: Path,
        *,
        header: bytes = b"",
        rotation: Rotation | None = None,
        retention: Retention | None = None,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Without a rotation the file only grows; a header is the first line of each file."""
        self.path = path
        self._header = header
        self._rotation = rotation
        self._retention = retention or Retention()
        self._now = now
        self._descriptor = -1
        self._rest = b""
        self._since = self._looked = now()

    def append(self, data: bytes) -> None:
        """Take whole lines, once nothing is left of the last ones; `flush` writes them."""
        self._rest = data

    def flush(self) -> None:
        """Write what was taken; what a full disk cuts off is written first the next time. Raises OSError."""
        self._open()
        while self._rest:
            self._rest = self._rest[os.write(self._descriptor, self._rest) :]

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open(self) -> None:
        if self._descriptor >= 0 and self._is_current():
            return
        self.close()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, MODE)
        if self._header:
            self._begin_with_header()

    def _is_current(self) -> bool:
        try:
            there = self.path.stat()
        except FileNotFoundError:
            return False
        here = os.fstat(self._descriptor)
        return (there.st_ino, there.st_dev) == (here.st_ino, here.st_dev)

    def _begin_with_header(self) -> None:
        with _Locked(self._descriptor):
            if os.fstat(self._descriptor).st_size == 0:
                os.write(self._descriptor, self._header)
            elif os.pread(self._descriptor, len(self._header), 0) != self._header:
                self.close()
                raise ValueError(f"{self.path.name} begins with another header; move it away")

    # -- rotation and retention

    def tend(self) -> None:
        """Rotate when it is time, and remove what is over the limits; raises OSError."""
        if self._rotation is None or self._descriptor < 0:
            return
        now = self._now()
        looked, self._looked = self._looked, now
        if self._is_due(self._rotation, looked, now):
            self._rotate(self._rotation, now)
            self._prune(self._rotation)

    def _is_due(self, rotation: Rotation, looked: datetime, now: datetime) -> bool:
        size = os.fstat(self._descriptor).st_size
        if size <= len(self._header):
            return False
        if 0 < rotation.size <= size:
            return True
        if rotation.interval and now - self._since >= timedelta(seconds=rotation.interval):
            return True
        return any(looked < moment <= now for moment in _moments(rotation.times, now))

    def _rotate(self, rotation: Rotation, now: datetime) -> None:
        with _Locked(self._descriptor):
            if self._is_current():  # otherwise another process was faster
                self.path.rename(self._aside(rotation, now))
        self.close()
        self._since = now
        self._open()

    def _aside(self, rotation: Rotation, now: datetime) -> Path:
        name = f"{rotation.prefix}{self.path.name}{formatted(rotation.suffix, now)}"
        numbered = (self.path.with_name(name if not n else f"{name}.{n}") for n in count())
        return next(path for path in numbered if not path.exists())

    def _prune(self, rotation: Rotation) -> None:
        kept = self._put_aside(rotation)
        while kept and self._over(kept):
            kept.pop(0).unlink(missing_ok=True)

    def _put_aside(self, rotation: Rotation) -> list[Path]:
        """Rotated files, the oldest first."""
        begin = f"{rotation.prefix}{self.path.name}"
        files = [f for f in self.path.parent.iterdir() if f.name.startswith(begin) and f != self.path and f.is_file()]
        return sorted(files, key=lambda file: (file.stat().st_mtime_ns, file.name))

    def _over(self, kept: list[Path]) -> bool:
        limits = self._retention
        return (
            0 < limits.files < len(kept)
            or 0 < limits.space < sum(file.stat().st_size for file in kept)
            or 0 < shutil.disk_usage(self.path.parent).free < limits.free
        )


def _moments(times: tuple[float, ...], now: datetime) -> list[datetime]:
    """The moments of today and yesterday at which a file is rotated."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return [midnight + timedelta(days=day, seconds=seconds) for day in (-1, 0) for seconds in times]


class _Locked:
    """Holds the lock of a file."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __enter__(self) -> None:
        if fcntl is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        # Closing the file inside has released the lock already.
        if fcntl is not None:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            except OSError:
                pass
