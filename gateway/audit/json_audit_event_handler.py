"""JsonAuditEventHandler: one JSON object a line in TOPIC.audit.json. Follows the documented entry of that name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from pydantic import Field

from config.declaration import Properties
from config.types import Duration, Static
from gateway.audit.delivery import Delivery
from gateway.audit.event_text import json_line
from gateway.audit.file_handler import FileAuditEventHandler
from gateway.audit.files import EventFile

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


class JsonAuditEventHandler(FileAuditEventHandler):
    """Writes events as lines of JSON to a file for each topic, TOPIC.audit.json."""

    elasticsearchCompatible: Static[bool] = False
    """Write _id as _eventId, and keys without periods? False by default."""
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

    def delivery(self) -> Delivery:
        elasticsearch = self.elasticsearchCompatible

        def open_file(topic: str) -> EventFile:
            return self.file(f"{topic}.audit.json")

        def encode(_topic: str, event: Mapping[str, Any]) -> bytes:
            return json_line(event, elasticsearch=elasticsearch)

        queue = max(self.buffering.maxSize, LEAST_QUEUE)
        return Delivery(self.name, self.target(open_file, encode), queue, self.buffering.interval)
