"""Which fields of an event are recorded: a safelist and what is included beyond it, less what is excluded.

Compiled once to tables that an event is walked along; a value that is costly to make is given as a function, which is
called only when its field is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass
class _Node:
    """A place in events, as the pointers name it."""

    included: bool = False
    excluded: bool = False
    any_case: bool = False
    below: dict[str, _Node] = field(default_factory=dict)


@dataclass(frozen=True)
class _Table:
    """What is recorded of a map: for each name a table of its own, and for other names all or nothing."""

    names: Mapping[str, _Table]
    others: bool = False
    any_case: bool = False


_NOTHING: Final = _Table({})
_ALL: Final = _Table({}, others=True)
_EMPTY: Final[tuple[object, ...]] = (None, {}, [], "")


class FieldFilter:
    """Copies what is recorded of an event."""

    def __init__(self, included: Iterable[str], excluded: Iterable[str], any_case: Iterable[str] = ()) -> None:
        """JSON pointers below the event; children of `any_case` are compared without case. Excluding wins."""
        root = _Node()
        folded = [_steps(pointer) for pointer in any_case]
        for steps in folded:
            _at(root, steps, folded).any_case = True
        for pointer in included:
            _at(root, _steps(pointer), folded).included = True
        for pointer in excluded:
            _at(root, _steps(pointer), folded).excluded = True
        self._table = _compiled(root, whole=False)

    def __call__(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """What is recorded, without empty fields, in the order of the event."""
        return _kept(event, self._table)


def _steps(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _at(root: _Node, steps: list[str], folded: list[list[str]]) -> _Node:
    node = root
    for depth, name in enumerate(steps):
        key = name.lower() if steps[:depth] in folded else name
        node = node.below.setdefault(key, _Node())
    return node


def _compiled(node: _Node, *, whole: bool) -> _Table:
    if node.excluded:
        return _NOTHING
    whole = whole or node.included
    if not node.below:
        return _ALL if whole else _NOTHING
    return _Table({name: _compiled(child, whole=whole) for name, child in node.below.items()}, whole, node.any_case)


def _kept(value: Mapping[str, Any], table: _Table) -> dict[str, Any]:
    names, found = table.names, {}
    rest = _ALL if table.others else _NOTHING
    for name, member in value.items():
        below = names.get(name.lower() if table.any_case else name, rest)
        if below is _NOTHING:
            continue
        item = member() if callable(member) else member
        if isinstance(item, dict):
            # Most maps that are recorded whole have no empty field.
            if below is not _ALL or not all(item.values()) or _is_deep(item):
                item = _kept(item, below)
        elif not below.others:
            continue
        if item or item not in _EMPTY:
            found[name] = item
    return found


def _is_deep(item: Mapping[str, Any]) -> bool:
    return any(isinstance(value, dict) or callable(value) for value in item.values())
