"""JsonStdoutAuditEventHandler: one JSON object a line on standard output. Follows the documented entry of that name."""

from __future__ import annotations

import os
from collections import deque
from typing import ClassVar, Final

from config.types import Static
from gateway.audit.base import AuditEventHandler
from gateway.audit.delivery import Delivery, Item, Target
from gateway.audit.event_text import json_line

STANDARD_OUTPUT: Final = 1
QUEUE: Final = 100_000


class JsonStdoutAuditEventHandler(AuditEventHandler):
    """Writes events as lines of JSON to standard output, at once and apart from the log of the gateway."""

    elasticsearchCompatible: Static[bool] = False
    """Write _id as _eventId, and keys without periods? False by default."""

    example: ClassVar = {
        "type": "org.forgerock.audit.handlers.json.stdout.JsonStdoutAuditEventHandler",
        "config": {"name": "stdout", "elasticsearchCompatible": False, "topics": ["access"]},
    }

    def delivery(self) -> Delivery:
        return Delivery(self.name, _StandardOutput(elasticsearch=self.elasticsearchCompatible), QUEUE)


class _StandardOutput(Target):
    """The descriptor itself: a stream of Python would hold its lock while a full pipe blocks."""

    def __init__(self, *, elasticsearch: bool) -> None:
        self._elasticsearch = elasticsearch
        self._rest = b""

    @property
    def pending(self) -> int:
        return 1 if self._rest else 0

    def write(self, items: deque[Item]) -> None:
        self._finish()
        while items:
            topic, event = items.popleft()
            shown = {**event, "source": "audit", "topic": topic, "level": "INFO"}
            self._rest = json_line(shown, elasticsearch=self._elasticsearch)
            self._finish()

    def _finish(self) -> None:
        while self._rest:
            self._rest = self._rest[os.write(STANDARD_OUTPUT, self._rest) :]
