"""Strings counted as Java counts them: in UTF-16 code units, where a character beyond the basic plane is two."""

from __future__ import annotations

import re

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def units(text: str) -> str:
    """The text with each character beyond the basic plane as its two surrogates."""
    if text.isascii():
        return text
    return _ASTRAL.sub(lambda hit: _split(hit.group()), text)


def _split(char: str) -> str:
    code = ord(char) - 0x10000
    return chr(0xD800 + (code >> 10)) + chr(0xDC00 + (code & 0x3FF))


def joined(text: str) -> str:
    """The text with surrogate pairs as one character again."""
    if text.isascii():
        return text
    return _PAIR.sub(
        lambda hit: chr(0x10000 + ((ord(hit.group()[0]) - 0xD800) << 10) + ord(hit.group()[1]) - 0xDC00), text
    )


def length(text: str) -> int:
    """Number of code units."""
    return len(text) if text.isascii() else len(text) + len(_ASTRAL.findall(text))


def encode(text: str) -> bytes:
    """UTF-8, with a question mark for half a character, as Java's getBytes has it."""
    return text.encode("utf-8", "replace")


def hash_code(text: str) -> int:
    """String.hashCode: 32 bits."""
    code = 0
    for unit in units(text):
        code = (31 * code + ord(unit)) & 0xFFFFFFFF
    return code - (1 << 32) if code & 0x80000000 else code
