"""Pieces of sentences for messages."""

from __future__ import annotations

from collections.abc import Iterable

from expr.host import HostType
from expr.types import ANY, NULL, Type


def article(kind: Type) -> str:
    """A type as a noun: "a string", "an instant"."""
    if isinstance(kind, HostType):
        return f"the {kind.name} object"
    if kind in (ANY, NULL):
        return kind.name
    return f"{'an' if kind.name[0] in 'aeio' else 'a'} {kind.name}"


def close(name: str, names: Iterable[str]) -> str:
    """The names most like one, as a question, or an empty text."""
    from difflib import get_close_matches

    candidates = list(names)
    found = get_close_matches(name, candidates, 3, 0.7)
    if not found:
        found = [other for other in candidates if other.lower() == name.lower()][:1]
    return f"did you mean {' or '.join(f'{other!r}' for other in found)}?" if found else ""


def count(number: int) -> str:
    """A number of arguments in words."""
    return {0: "zero arguments", 1: "one argument"}.get(number, f"{number} arguments")
