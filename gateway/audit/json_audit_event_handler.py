"""JsonAuditEventHandler: one JSON object a line in TOPIC.audit.json. Follows the documented entry of that name."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from pydantic import Field, PrivateAttr

from config.declaration import Properties
from config.types import Duration, Static
from gateway.audit.base import AuditEventHandler
from gateway.audit.delivery import Delivery
from gateway.audit.event_text import json_line
from gateway.audit.file_options import (
    DEFAULT_CHECK,
    FileRetention,
    FileRotation,
    FileTarget,
    log_directory,
    rotation_problems,
)
from gateway.audit.files import EventFile

if TYPE_CHECKING:
    from config.heap import Heap

LEAST_QUEUE: Final = 100_000
DEFAULT_INTERVAL: Final = 0.1


class JsonBuffering(Properties):
    """How events are gathered before they are written."""

    writeInterval: Duration = Field(default="100 ms")
    """Time between two writes; 100 ms by default."""
    maxSize: Static[int] = LEAST_QUEUE
    """Events that may wait, at least 100000; more are lost."""

    @property
    def interval(self) -> float:
        return self.writeInterval if 0 < self.writeInterval < math.inf else DEFAULT_INTERVAL


class JsonAuditEventHandler(AuditEventHandler):
    """Writes events as lines of JSON to a file for each topic, TOPIC.audit.json."""

    logDirectory: Static[str] | None = None
    """Directory of the files; logs of the instance directory by default."""
    elasticsearchCompatible: Static[bool] = False
    """Write _id as _eventId, and keys without periods? False by default."""
    fileRotation: FileRotation | None = None
    """When files are put aside; never by default."""
    fileRetention: FileRetention | None = None
    """Which rotated files are kept; all by default."""
    rotationRetentionCheckInterval: Duration = Field(default="5 seconds")
    """Time between two looks at the files; 5 seconds by default."""
    buffering: JsonBuffering = Field(default={})
    """How events are gathered."""

    example: ClassVar = {
        "type": "org.forgerock.audit.handlers.json.JsonAuditEventHandler",
        "config": {
            "name": "json",
            "topics": ["access"],
            "logDirectory": "/var/log/gateway/audit",
            "fileRotation": {"rotationEnabled": True, "maxFileSize": 10485760},
            "buffering": {"writeInterval": "1 second", "maxSize": 100000},
        },
    }

    _directory: Path = PrivateAttr()

    def verify(self) -> Iterator[tuple[str, str, str]]:
        yield from rotation_problems(self.fileRotation)

    def prepare(self, heap: Heap) -> None:
        self._directory = log_directory(self.logDirectory, heap)

    def delivery(self) -> Delivery:
        rotation = self.fileRotation.rotation() if self.fileRotation is not None else None
        retention = self.fileRetention.retention() if self.fileRetention is not None else None
        elasticsearch = self.elasticsearchCompatible

        def open_file(topic: str) -> EventFile:
            return EventFile(self._directory / f"{topic}.audit.json", rotation=rotation, retention=retention)

        def encode(_topic: str, event: Mapping[str, Any]) -> bytes:
            return json_line(event, elasticsearch=elasticsearch)

        watch = (self.rotationRetentionCheckInterval or DEFAULT_CHECK) if rotation is not None else None
        queue = max(self.buffering.maxSize, LEAST_QUEUE)
        return Delivery(self.name, FileTarget(open_file, encode, watch), queue, self.buffering.interval)
