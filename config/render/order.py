"""What the forms for people share: the order of findings, how many are shown, and their count in words."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable

from expr.diagnostic import Diagnostic, Severity

MOST = 100
"""Findings that are shown; who has more of them reads no further."""

_NAMES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def ordered(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sorted by place; what is said twice of one place is said once."""
    found: dict[tuple[str, int, int, str, str], Diagnostic] = {}
    for diagnostic in diagnostics:
        found.setdefault((*diagnostic.sort_key, diagnostic.message), diagnostic)
    return [found[key] for key in sorted(found)]


def summary(diagnostics: list[Diagnostic]) -> str:
    """`Found 2 errors and 1 warning.`, with how many are not shown; empty when nothing was found."""
    if not diagnostics:
        return ""
    counts = Counter(diagnostic.level for diagnostic in diagnostics)
    parts = [f"{counts[level]} {name}{'s' * (counts[level] > 1)}" for level, name in _NAMES.items() if counts[level]]
    listed = " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
    hidden = len(diagnostics) - MOST
    return f"Found {listed}{f', {hidden} not shown' if hidden > 0 else ''}."


def level_name(diagnostic: Diagnostic) -> str:
    return _NAMES[diagnostic.level]


def printable(text: str) -> str:
    """A text that does nothing to a terminal but take place in its line."""
    return "".join(map(shown, text)) if not (text.isascii() and text.isprintable()) else text


def shown(char: str) -> str:
    """A character as it is shown: control characters as pictures, invisible ones of direction as a question mark."""
    if char.isprintable():
        return char
    if char < "\x20":
        return chr(0x2400 + ord(char))
    return " " if unicodedata.category(char) == "Zs" else "\ufffd"
