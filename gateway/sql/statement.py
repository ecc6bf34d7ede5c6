"""Prepared statements with question marks, as JDBC writes them, in the style that a Python driver takes.

Knows no database: it finds the placeholders, which are no placeholders inside strings, quoted names and comments.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

_TOKEN: Final = re.compile(
    r"""
    (?P<skip> '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*`
            | --[^\n]* | /\*.*?\*/
            | \$(?P<tag>[A-Za-z_]\w*|)\$ .*? \$(?P=tag)\$ )
    | (?P<escaped> \?\? )
    | (?P<parameter> \? )
    """,
    re.VERBOSE | re.DOTALL,
)

STYLES: Final[dict[str, Callable[[int], str]]] = {
    "qmark": lambda _: "?",
    "format": lambda _: "%s",
    "pyformat": lambda _: "%s",
    # PostgreSQL tells the type of a parameter from its place; JDBC sends texts, which an explicit cast turns them into.
    "numeric_dollar": lambda number: f"${number}::varchar",
    "numeric": lambda number: f":{number}",
    "named": lambda number: f":{number}",
}
"""How each parameter style of Python drivers writes the placeholder of a number, counted from 1."""

_PERCENT: Final = frozenset({"format", "pyformat"})


@dataclass(frozen=True)
class Statement:
    """A statement between whose parts parameters stand."""

    parts: tuple[str, ...]
    _rendered: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> Statement:
        """Find the placeholders of a statement; `??` is a question mark that is none."""
        return cls(tuple(_parts(text)))

    @property
    def parameters(self) -> int:
        """Number of placeholders."""
        return len(self.parts) - 1

    def rendered(self, style: str) -> str:
        """The statement in a parameter style of the Python database API; KeyError for one that is not known."""
        text = self._rendered.get(style)
        if text is None:
            parts = [part.replace("%", "%%") for part in self.parts] if style in _PERCENT else list(self.parts)
            placeholder = STYLES[style]
            text = parts[0] + "".join(placeholder(number) + part for number, part in enumerate(parts[1:], 1))
            self._rendered[style] = text
        return text


def _parts(text: str) -> Iterator[str]:
    part: list[str] = []
    place = 0
    for match in _TOKEN.finditer(text):
        part.append(text[place : match.start()])
        place = match.end()
        if match["parameter"] is not None:
            yield "".join(part)
            part = []
        else:
            part.append("?" if match["escaped"] is not None else match[0])
    part.append(text[place:])
    yield "".join(part)
