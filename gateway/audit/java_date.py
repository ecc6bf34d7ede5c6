"""Date patterns as Java writes them (`-yyyy.MM.dd-HH.mm.ss`), in so far as file names need them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

_PART: Final = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*")
_LETTERS: Final[dict[str, Callable[[datetime, int], str]]] = {
    "y": lambda moment, width: f"{moment.year % 100:02d}" if width == 2 else f"{moment.year:0{width}d}",
    "M": lambda moment, width: (
        moment.strftime("%b" if width == 3 else "%B") if width > 2 else _padded(moment.month, width)
    ),
    "d": lambda moment, width: _padded(moment.day, width),
    "D": lambda moment, width: _padded(moment.timetuple().tm_yday, width),
    "E": lambda moment, width: moment.strftime("%A" if width > 3 else "%a"),
    "a": lambda moment, _: moment.strftime("%p"),
    "H": lambda moment, width: _padded(moment.hour, width),
    "h": lambda moment, width: _padded(moment.hour % 12 or 12, width),
    "m": lambda moment, width: _padded(moment.minute, width),
    "s": lambda moment, width: _padded(moment.second, width),
    "S": lambda moment, width: _padded(moment.microsecond // 1000, width),
    "z": lambda moment, _: moment.tzname() or "",
    "Z": lambda moment, _: moment.strftime("%z"),
}


def _padded(number: int, width: int) -> str:
    return f"{number:0{width}d}"


def check_pattern(pattern: str) -> None:
    """Refuse, with a ValueError, a pattern with letters that mean nothing here, or one that leaves the directory."""
    if "/" in pattern or "\\" in pattern:
        raise ValueError("a file name holds no slash")
    for match in _PART.finditer(pattern):
        if match[2] and match[2] not in _LETTERS:
            raise ValueError(f'the letter "{match[2]}" means nothing in a date pattern; quote text with apostrophes')


def formatted(pattern: str, moment: datetime) -> str:
    """A moment written by a pattern that was checked."""

    def part(match: re.Match[str]) -> str:
        if match[2]:
            return _LETTERS[match[2]](moment, len(match[0]))
        return match[1].replace("''", "'") or "'"

    return _PART.sub(part, pattern)
