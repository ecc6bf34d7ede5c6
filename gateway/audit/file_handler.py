"""What the event handlers that write files have in common: where they are, and when they are rotated and pruned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field, PrivateAttr

from config.types import Duration, Static
from gateway.audit.base import AuditEventHandler
from gateway.audit.file_options import FileRetention, FileRotation, FileTarget
from gateway.audit.files import EventFile
from gateway.audit.java_date import check_pattern

if TYPE_CHECKING:
    from config.heap import Heap

DAY: Final = 86_400
DEFAULT_CHECK: Final = 5.0


class FileAuditEventHandler(AuditEventHandler):
    """Writes events to a file for each topic."""

    logDirectory: Static[str] | None = None
    """Directory of the files; logs of the instance directory by default."""
    fileRotation: FileRotation | None = None
    """When files are put aside; never by default."""
    fileRetention: FileRetention | None = None
    """Which rotated files are kept; all by default."""
    rotationRetentionCheckInterval: Duration = Field(default="5 seconds")
    """Time between two looks at the files; 5 seconds by default."""

    _directory: Path = PrivateAttr()

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if self.fileRotation is not None:
            yield from _problems(self.fileRotation)

    def prepare(self, heap: Heap) -> None:
        # A directory may be relative to that of the instance.
        host = heap.host
        self._directory = Path(host.instance.directory if host is not None else "") / (self.logDirectory or "logs")

    def file(self, name: str, header: bytes = b"") -> EventFile:
        """A file of the directory; a header is the first line of each."""
        rotation = self.fileRotation.rotation() if self.fileRotation is not None else None
        retention = self.fileRetention.retention() if self.fileRetention is not None else None
        return EventFile(self._directory / name, header=header, rotation=rotation, retention=retention)

    def target(
        self, open_file: Callable[[str], EventFile], encode: Callable[[str, Mapping[str, Any]], bytes]
    ) -> FileTarget:
        """Files that are looked after when they are rotated."""
        rotates = self.fileRotation is not None and self.fileRotation.rotationEnabled
        watch = (self.rotationRetentionCheckInterval or DEFAULT_CHECK) if rotates else None
        return FileTarget(open_file, encode, watch)


def _problems(rotation: FileRotation) -> Iterator[tuple[str, str, str]]:
    try:
        check_pattern(rotation.rotationFileSuffix)
    except ValueError as error:
        yield "fileRotation", "rotationFileSuffix is not a date pattern", str(error)
    if "/" in rotation.rotationFilePrefix:
        yield "fileRotation", "rotationFilePrefix holds a slash", "rotated files stay in the directory of the log"
    if any(time >= DAY for time in rotation.rotationTimes):
        yield "fileRotation", "a rotation time is beyond the day", "write durations after midnight, up to 24 hours"
