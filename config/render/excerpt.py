"""One line of a source as it is shown, and where its characters stand on the screen.

Tabs, wide and combining characters make columns of the screen differ from characters; a long line is cropped around
what it is shown for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from itertools import accumulate

from config.render.order import shown
from config.secret_texts import secret_spans
from expr.source import Source, Span

TAB = 4
ELLIPSIS = "\u2026"
MASK = "***"


def hidden_parts(source: Source, number: int) -> list[Span]:
    """Parts of a line that are literal secrets, as offsets in the line."""
    start = source.line_start(number)
    end = start + len(source.line(number))
    parts = [Span(max(span.start, start) - start, min(span.end, end) - start) for span in secret_spans(source.text)]
    return [part for part in parts if part.start < part.end]


class Line:
    """A line that is cropped to `limit` columns, so that the characters from `start` to `end` can be seen.

    Each part of it that is hidden is shown as three asterisks, and what points into one points at all of them.
    """

    def __init__(self, text: str, start: int, end: int, limit: int, hidden: Iterable[Span] = ()) -> None:
        self.cells = _cells(text)
        self._hidden = [*hidden]
        for part in self._hidden:
            self.cells[part.start : part.end] = [MASK, *[""] * (part.end - part.start - 1)]
        start, end = self._whole(start, end)
        self.edges = [0, *accumulate(width(cell) for cell in self.cells)]
        """Screen column at which each character begins, were the line not cropped; the last is where it ends."""
        self.first, self.last = self._window(min(start, len(text)), min(end, len(text)), limit)

    def text(self) -> str:
        """What is shown."""
        before = ELLIPSIS if self.first else ""
        after = ELLIPSIS if self.last < len(self.cells) else ""
        return (before + "".join(self.cells[self.first : self.last]) + after).rstrip()

    def columns(self, start: int, end: int) -> tuple[int, int]:
        """Screen columns, from 0, of a part of the line: at least one column wide."""
        start, end = (max(self.first, min(offset, self.last)) for offset in self._whole(start, end))
        shift = (1 if self.first else 0) - self.edges[self.first]
        left = self.edges[start] + shift
        return left, max(left + 1, self.edges[end] + shift)

    def _whole(self, start: int, end: int) -> tuple[int, int]:
        """A part of the line, with all of what is hidden where it begins or ends."""
        for part in self._hidden:
            if part.start < start < part.end:
                start = part.start
            if part.start < end < part.end:
                end = part.end
        return start, end

    def _window(self, start: int, end: int, limit: int) -> tuple[int, int]:
        edges = self.edges
        if edges[-1] <= limit:
            return 0, len(self.cells)
        needed = min(edges[end] - edges[start], limit // 2)
        left = max(0, edges[start] - (limit - needed) // 2)
        left = min(left, edges[-1] - limit)
        first = next(index for index, edge in enumerate(edges) if edge >= left)
        last = max(index for index, edge in enumerate(edges) if edge <= edges[first] + limit - 2)
        return first, last


def width(text: str) -> int:
    """Columns that a text takes on a screen."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


def _char_width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _cells(text: str) -> list[str]:
    """What each character is shown as."""
    cells: list[str] = []
    column = 0
    for char in text:
        cell = " " * (TAB - column % TAB) if char == "\t" else shown(char)
        cells.append(cell)
        column += width(cell)
    return cells
