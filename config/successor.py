"""What took the place of a property that is gone: text for people, and enough of its form for `lint --fix`.

A successor is a text, so that tables of removed properties hold plain texts where nothing can be done by machine.
"""

from __future__ import annotations

import json
from typing import Any

from config.values import Map
from expr.diagnostic import Edit, Fix
from expr.source import Span


class Renamed(str):
    """The property has another name, and the same meaning."""

    __slots__ = ("name",)
    name: str

    def __new__(cls, name: str, when: str = "") -> Renamed:
        self = super().__new__(cls, f'write "{name}"{f" (removed in {when})" if when else ""}')
        self.name = name
        return self

    def fix(self, values: Map, key: str) -> Fix | None:
        """Write the other name; not where both are given."""
        if self.name in values:
            return None
        span = values.key_span(key)
        return Fix(f'write "{self.name}"', (Edit(span, spelt(values, key, self.name)),))


class MovedInto(str):
    """The property is one of another object today: of a group of properties, or of an object of a type."""

    __slots__ = ("group", "name", "type_name")
    group: str
    name: str
    type_name: str

    def __new__(cls, group: str, text: str, name: str = "", type_name: str = "") -> MovedInto:
        self = super().__new__(cls, text)
        self.group, self.name, self.type_name = group, name, type_name
        return self

    def fix(self, values: Map, key: str) -> Fix | None:
        """Move it; in JSON only, where an object can be written in one line."""
        text = values.source.text
        at = values.key_span(key)
        if text[at.start : at.start + 1] != '"' or any(key == again for again, _ in values.duplicates):
            return None
        value = values.value_span(key)
        member = f"{json.dumps(self.name or key)}: {text[value.start : value.end]}"
        if self.group not in values:
            inner = f"{{{member}}}"
            if self.type_name:
                inner = f'{{"type": {json.dumps(self.type_name)}, "config": {inner}}}'
            edit = Edit(Span(at.start, value.end), f'"{self.group}": {inner}')
            return Fix(f'move it into "{self.group}"', (edit, _alone(values)))
        group: Any = values[self.group]
        target = group.get("config") if self.type_name and isinstance(group, Map) else group
        if not isinstance(target, Map) or (self.name or key) in target or target.source is not values.source:
            return None
        start = target.span.start + 1
        insertion = Edit(Span(start, start), f"{member}, " if target else member)
        return Fix(f'move it into "{self.group}"', (insertion, Edit(without(values, key), ""), _alone(values)))


def _alone(values: Map) -> Edit:
    """Changes nothing, and keeps a second move in the same object from being made at once with this one."""
    return Edit(Span(values.span.start, values.span.start + 1), "{")


def spelt(values: Map, key: str, name: str) -> str:
    """Another name in the spelling of a key: with quotes where it has them."""
    first = values.source.text[values.key_span(key).start]
    return f"{first}{name}{first}" if first in "\"'" else name


def without(values: Map, key: str) -> Span:
    """What to take out of the text of a JSON object for a member to be gone, its comma included."""
    names = sorted(values, key=lambda name: values.key_span(name).start)
    index = names.index(key)
    if index + 1 < len(names):
        return Span(values.key_span(key).start, values.key_span(names[index + 1]).start)
    start = values.value_span(names[index - 1]).end if index else values.key_span(key).start
    return Span(start, values.value_span(key).end)
