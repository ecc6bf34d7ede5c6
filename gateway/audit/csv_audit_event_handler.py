"""CsvAuditEventHandler: one file a topic, with a header line. Follows the documented entry of that name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Final

from pydantic import Field

from config.declaration import Properties
from config.types import Static
from gateway.audit.delivery import Delivery
from gateway.audit.event_text import cell_text
from gateway.audit.file_handler import FileAuditEventHandler
from gateway.audit.files import EventFile
from gateway.audit.topics import leaf

QUEUE: Final = 100_000
LAZY: Final = 1.0
"""Seconds for which events are gathered when they need not be flushed."""


class CsvFormatting(Properties):
    """How cells and lines are written."""

    quoteChar: Static[str] = '"'
    """Stands around each cell."""
    delimiterChar: Static[str] = ","
    """Stands between cells."""
    endOfLineSymbols: Static[str] = os.linesep
    """Ends a line; as the system does by default."""

    def line(self, cells: Iterable[str]) -> bytes:
        quote = self.quoteChar
        text = self.delimiterChar.join(f"{quote}{cell.replace(quote, quote * 2)}{quote}" for cell in cells)
        return (text + self.endOfLineSymbols).encode("utf-8", "backslashreplace")


class CsvBuffering(Properties):
    """Whether events are gathered before they are written."""

    enabled: Static[bool] = False
    """Gather events? False by default."""
    autoFlush: Static[bool] = True
    """Write each event at once all the same? True by default."""


class CsvAuditEventHandler(FileAuditEventHandler):
    """Writes events to a CSV file for each topic, TOPIC.csv, with a column for each field of the topic."""

    logDirectory: Static[str]
    """Directory of the files."""
    formatting: CsvFormatting = Field(default={})
    """How cells and lines are written."""
    buffering: CsvBuffering = Field(default={})
    """Whether events are gathered."""

    removed: ClassVar = {"security": "tamper-evident files are gone since 2025.3; use JSON files or a log shipper"}
    example: ClassVar = {
        "type": "org.forgerock.audit.handlers.csv.CsvAuditEventHandler",
        "config": {
            "name": "csv",
            "logDirectory": "/var/log/gateway/csv",
            "topics": ["access"],
            "buffering": {"enabled": True},
        },
    }

    def verify(self) -> Iterator[tuple[str, str, str]]:
        yield from super().verify()
        for name in ("quoteChar", "delimiterChar"):
            if len(getattr(self.formatting, name)) != 1:
                yield "formatting", f"{name} is not one character", "write one character"

    def delivery(self) -> Delivery:
        formatting = self.formatting

        def open_file(topic: str) -> EventFile:
            return self.file(f"{topic}.csv", formatting.line(self.fields(topic)))

        def encode(topic: str, event: Mapping[str, Any]) -> bytes:
            return formatting.line(cell_text(leaf(event, field)) for field in self.fields(topic))

        interval = LAZY if self.buffering.enabled and not self.buffering.autoFlush else 0.0
        return Delivery(self.name, self.target(open_file, encode), QUEUE, interval)
