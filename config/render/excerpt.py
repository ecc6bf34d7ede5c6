"""One line of a source as it is shown, and where its characters stand on the screen.

Tabs, wide and combining characters make columns of the screen differ from characters; a long line is cropped around
what it is shown for.
"""

from __future__ import annotations

import unicodedata
from itertools import accumulate

from config.render.order import shown

TAB = 4
ELLIPSIS = "\u2026"


class Line:
    """A line that is cropped to `limit` columns, so that the characters from `start` to `end` can be seen."""

    def __init__(self, text: str, start: int, end: int, limit: int) -> None:
        self.cells = _cells(text)
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
        start, end = (max(self.first, min(offset, self.last)) for offset in (start, end))
        shift = (1 if self.first else 0) - self.edges[self.first]
        left = self.edges[start] + shift
        return left, max(left + 1, self.edges[end] + shift)

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
