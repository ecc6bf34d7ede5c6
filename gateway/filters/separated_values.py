"""Records of a delimiter-separated file: one of them is looked up by the value of a column.

Knows neither filters nor requests. The file is read again when it has changed.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any


class Separator(StrEnum):
    """What stands between the columns."""

    COLON = "COLON"
    COMMA = "COMMA"
    TAB = "TAB"


DIALECTS: dict[Separator, dict[str, Any]] = {
    Separator.COLON: {"delimiter": ":", "quoting": csv.QUOTE_NONE, "escapechar": "\\"},
    Separator.COMMA: {"delimiter": ",", "quotechar": '"', "doublequote": True},
    Separator.TAB: {"delimiter": "\t", "quotechar": '"', "doublequote": True},
}
Stamp = tuple[int, int, int]


class UnknownColumn(ValueError):
    """The file has no column of the name that is searched."""


class SeparatedValues:
    """A file of records, searched by the value of one column."""

    def __init__(
        self, file: Path, key: str, *, charset: str, separator: Separator, header: bool, fields: Sequence[str]
    ) -> None:
        self._file = file
        self._key = key
        # A byte order mark is no part of the first name.
        self._charset = "utf-8-sig" if codecs.lookup(charset).name == "utf-8" else charset
        self._dialect = DIALECTS[separator]
        self._header = header
        self._fields = list(fields)
        self._lock = Lock()
        self._index: tuple[Stamp, dict[str, dict[str, str]]] | None = None

    def find(self, value: str) -> dict[str, str] | None:
        """The first record whose key column has a value; blocks, raises OSError, ValueError or csv.Error."""
        status = self._file.stat()
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        with self._lock:
            if self._index is None or self._index[0] != stamp:
                self._index = (stamp, self._read())
            return self._index[1].get(value)

    def _read(self) -> dict[str, dict[str, str]]:
        with self._file.open(encoding=self._charset, newline="") as lines:
            rows = iter(row for row in csv.reader(lines, **self._dialect) if row)
            names = self._names(rows)
            index: dict[str, dict[str, str]] = {}
            for row in rows:
                record = dict(zip(names or map(str, count()), row, strict=False))
                if self._key in record:
                    index.setdefault(record[self._key], record)
        if not index and names and self._key not in names:
            raise UnknownColumn(f"there is no column '{self._key}'")
        return index

    def _names(self, rows: Iterator[list[str]]) -> Iterable[str]:
        """Names of the columns; empty when they go by their numbers, the first being 0."""
        first = next(rows, []) if self._header else []
        return self._fields or first
