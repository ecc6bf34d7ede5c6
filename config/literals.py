"""Where each character of a string stands in the literal that spells it.

Escapes, folded lines and indentation make a literal longer than its string. The reader does not keep track of that, as
hardly any string is ever pointed into: the literal is read a second time when a place in it is asked for. Both JSON and
YAML literals are told by their first character; a JSON string is a double-quoted YAML one as well.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_NODE_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)+")
_BLOCK_HEADER = re.compile(r"[|>][^\r\n]*(?:\r\n|[\r\n]|\Z)")
_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}
_BLANKS = " \t\r\n\x85\u2028\u2029"


class Place(NamedTuple):
    """Half-open range of file offsets that spells one character."""

    start: int
    end: int


def places_of_characters(text: str, span: tuple[int, int], value: str) -> list[Place] | None:
    """One place a character, or None when the literal does not spell the value."""
    start, end = span
    properties = _NODE_PROPERTIES.match(text, start, end)
    start = properties.end() if properties else start
    first = text[start : start + 1]
    if first in ('"', "'"):
        return _aligned(text, start + 1, end - 1, value, quote=first)
    header = _BLOCK_HEADER.match(text, start, end)
    return _aligned(text, header.end() if header else start, end, value, quote="")


def _aligned(text: str, at: int, end: int, value: str, quote: str) -> list[Place] | None:
    places: list[Place] = []
    for char in value:
        if quote == '"':
            at = _continued(text, at, end)
        place = _next(text, at, end, char, quote)
        if place is None:
            return None
        places.append(place)
        at = place.end
    return places


def _next(text: str, at: int, end: int, char: str, quote: str) -> Place | None:
    """The place of the next character, which is known: only blanks of the literal may be left out before it."""
    while at < end:
        raw = text[at]
        if raw == "\\" and quote == '"':
            return Place(at, min(end, at + _escape_length(text, at, char)))
        if raw == char:
            return Place(at, at + (2 if quote == raw == "'" else 1))
        if raw not in _BLANKS:
            return None
        if char == " " and raw in "\r\n":
            return Place(at, at + 1)
        at += 1
    return Place(end, end) if char == "\n" else None


def _continued(text: str, at: int, end: int) -> int:
    """Pass over an escaped line break (double-quoted YAML) and the indentation of the next line."""
    while at + 1 < end and text[at] == "\\" and text[at + 1] in "\r\n":
        at += 2
        while at < end and text[at] in _BLANKS:
            at += 1
    return at


def _escape_length(text: str, at: int, char: str) -> int:
    length = _ESCAPE_LENGTHS.get(text[at + 1 : at + 2], 2)
    is_pair = length == 6 and ord(char) > 0xFFFF
    return 12 if is_pair else length
