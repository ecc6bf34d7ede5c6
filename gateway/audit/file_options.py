"""Files of events as a target: how they are written, and the properties that say when they are rotated and pruned."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import Field

from config.declaration import Properties
from config.types import Duration, Static
from gateway.audit.delivery import Item, Target
from gateway.audit.files import EventFile, Retention, Rotation

BATCH = 1000
"""Events in one write."""


class FileRotation(Properties):
    """When a file is put aside under another name."""

    rotationEnabled: Static[bool] = False
    """Rotate at all? False by default."""
    maxFileSize: Static[int] = 0
    """Size in bytes that is reason for a rotation; 0, the default, is none."""
    rotationFilePrefix: Static[str] = ""
    """What the name of a rotated file begins with."""
    rotationFileSuffix: Static[str] = "-yyyy.MM.dd-HH.mm.ss"
    """Date pattern, in UTC, that the name of a rotated file ends with."""
    rotationInterval: Duration = Field(default="disabled")
    """Age that is reason for a rotation; disabled by default."""
    rotationTimes: list[Duration] = []
    """Times of the day, as durations after midnight UTC, at which to rotate."""

    def rotation(self) -> Rotation | None:
        if not self.rotationEnabled:
            return None
        interval = 0.0 if math.isinf(self.rotationInterval) else self.rotationInterval
        times = tuple(self.rotationTimes)
        return Rotation(self.maxFileSize, interval, times, self.rotationFilePrefix, self.rotationFileSuffix)


class FileRetention(Properties):
    """Which rotated files are kept; the oldest go first."""

    maxNumberOfHistoryFiles: Static[int] = 0
    """Number of rotated files; 0, the default, and less is no limit."""
    maxDiskSpaceToUse: Static[int] = 0
    """Bytes of rotated files; 0, the default, is no limit."""
    minFreeSpaceRequired: Static[int] = 0
    """Bytes to leave free on the disk; 0 by default."""

    def retention(self) -> Retention:
        return Retention(self.maxNumberOfHistoryFiles, self.maxDiskSpaceToUse, self.minFreeSpaceRequired)


class FileTarget(Target):
    """One file for each topic; a batch of a topic is one write."""

    def __init__(
        self,
        open_file: Callable[[str], EventFile],
        encode: Callable[[str, Mapping[str, Any]], bytes],
        watch: float | None = None,
    ) -> None:
        self._open = open_file
        self._encode = encode
        self._files: dict[str, EventFile] = {}
        self._pending = 0
        self._unfinished: EventFile | None = None
        self.watch = watch

    @property
    def pending(self) -> int:
        return self._pending

    def write(self, items: deque[Item]) -> None:
        if self._unfinished is not None:
            self._finish(self._unfinished)
        while items:
            topic = items[0][0]
            file = self._file(topic)
            lines: list[bytes] = []
            while len(lines) < BATCH and items and items[0][0] == topic:
                lines.append(self._encode(*items.popleft()))
            file.append(b"".join(lines))
            self._pending = len(lines)
            self._finish(file)

    def _finish(self, file: EventFile) -> None:
        self._unfinished = file
        file.flush()
        self._unfinished, self._pending = None, 0

    def _file(self, topic: str) -> EventFile:
        file = self._files.get(topic)
        if file is None:
            file = self._files[topic] = self._open(topic)
        return file

    def tend(self) -> None:
        for file in self._files.values():
            file.tend()

    def close(self) -> None:
        for file in self._files.values():
            file.close()
