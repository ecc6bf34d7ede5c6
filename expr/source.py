"""Texts and places in them: what a diagnostic points at.

Lowest module of all: knows neither expressions nor configuration.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range of character offsets in a text."""

    start: int
    end: int


class Position(NamedTuple):
    """A place as people count it: line and column from 1, the column in characters."""

    line: int
    column: int


@dataclass(frozen=True, eq=False)
class Source:
    """A text with the name to show for it (a path, `<stdin>`, `<expression>`)."""

    name: str
    text: str
    _line_starts: list[int] = field(default_factory=list, init=False, repr=False)

    def position(self, offset: int) -> Position:
        """Line and column of an offset; one past the end is the end."""
        starts = self._starts()
        line = bisect_right(starts, min(offset, len(self.text)))
        return Position(line, min(offset, len(self.text)) - starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """Text of a line, counted from 1, without its line break."""
        starts = self._starts()
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def line_start(self, number: int) -> int:
        """Offset of the first character of a line."""
        return self._starts()[number - 1]

    def _starts(self) -> list[int]:
        if not self._line_starts:
            self._line_starts.append(0)
            self._line_starts.extend(i + 1 for i, char in enumerate(self.text) if char == "\n")
        return self._line_starts
