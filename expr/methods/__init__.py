"""The methods of values that are not host objects: the Java methods that configurations use, a table for each kind."""

from __future__ import annotations

from collections.abc import Mapping, Set
from enum import Enum
from functools import cache
from typing import Any

from expr.host import HostType, Method, host_type
from expr.methods import lists, maps, scalars, strings
from expr.types import ANY, BOOLEAN, BYTES, INSTANT, LIST, MAP, NULL, NUMBER, STRING, EnumType, ListType, Type
from expr.values import Array

Table = Mapping[str, tuple[Method, ...]]

_BY_CLASS: dict[type, Table] = {}


def table_of(value: Any) -> Table:
    """The methods of a value that is there."""
    cls = value.__class__
    found = _BY_CLASS.get(cls)
    if found is None:
        found = _BY_CLASS[cls] = _table_of(value)
    return found


def _table_of(value: Any) -> Table:
    published = host_type(value)
    if published is not None:
        return _host(published)
    tables: tuple[tuple[Any, Table], ...] = (
        (str, strings.METHODS),
        (bool, scalars.BOOLEAN_METHODS),
        (scalars.NUMBERS, scalars.NUMBER_METHODS),
        (Array, lists.ARRAY_METHODS),
        (list | tuple, lists.METHODS),
        (Set, lists.SET_METHODS),
        (Mapping, maps.METHODS),
        (Enum, scalars.ENUM_METHODS),
    )
    for kind, table in tables:
        if isinstance(value, kind):
            return table
    return scalars.OBJECT_METHODS


@cache
def _host(published: HostType) -> Table:
    inherited = maps.METHODS if published.is_map else scalars.OBJECT_METHODS
    return {**inherited, **published.methods}


def table_for(kind: Type) -> Table | None:
    """The methods of every value of a type, or None when the type does not tell."""
    if kind is INSTANT:
        from expr.instants import Instant

        kind = Instant.published
    if isinstance(kind, HostType):
        return _host(kind)
    if isinstance(kind, EnumType):
        return scalars.ENUM_METHODS
    if isinstance(kind, ListType):
        return lists.ARRAY_METHODS if kind.array else None if kind is LIST else lists.METHODS
    tables: dict[Type, Table] = {
        STRING: strings.METHODS,
        BOOLEAN: scalars.BOOLEAN_METHODS,
        NUMBER: scalars.NUMBER_METHODS,
        BYTES: scalars.OBJECT_METHODS,
        MAP: maps.METHODS,
    }
    return None if kind in (ANY, NULL) else tables.get(kind.family)
