"""Which fields of an event are recorded: a safelist and what is included beyond it, less what is excluded.

Compiled once to a tree that an event is walked along; a value that is costly to make is given as a function, which is
called only when its field is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class _Node:
    """A place in events: recorded whole, in parts, or not at all."""

    included: bool = False
    excluded: bool = False
    any_case: bool = False
    below: dict[str, _Node] = field(default_factory=dict)

    def child(self, name: str) -> _Node | None:
        return self.below.get(name.lower() if self.any_case else name)


class FieldFilter:
    """Copies what is recorded of an event."""

    def __init__(self, included: Iterable[str], excluded: Iterable[str], any_case: Iterable[str] = ()) -> None:
        """JSON pointers below the event; children of `any_case` are compared without case. Excluding wins."""
        self._root = _Node()
        folded = [_steps(pointer) for pointer in any_case]
        for steps in folded:
            self._at(steps, folded).any_case = True
        for pointer in included:
            self._at(_steps(pointer), folded).included = True
        for pointer in excluded:
            self._at(_steps(pointer), folded).excluded = True

    def _at(self, steps: list[str], folded: list[list[str]]) -> _Node:
        node = self._root
        for depth, name in enumerate(steps):
            key = name.lower() if steps[:depth] in folded else name
            node = node.below.setdefault(key, _Node())
        return node

    def __call__(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """What is recorded, without empty fields, in the order of the event."""
        return _kept(event, self._root, whole=self._root.included)


def _steps(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _kept(value: Mapping[str, Any], node: _Node | None, *, whole: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, member in value.items():
        below = node.child(name) if node is not None else None
        if below is None:
            if not whole:
                continue
        elif below.excluded:
            continue
        inside = whole or (below is not None and below.included)
        if below is not None and not inside and not below.below:
            continue
        item = member() if callable(member) else member
        if isinstance(item, Mapping):
            item = _kept(item, below, whole=inside)
        elif not inside:
            continue
        if item is not None and item not in ({}, [], ""):
            found[name] = item
    return found
