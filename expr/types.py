"""What the checker knows of a value before there is one.

A type is a promise about values that are not null: every expression can also give null. `ANY` is the explicit unknown:
nothing is reported about it and everything is decided when the expression runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Type:
    """A kind of value, shown to users by its name. Compare types with `is`: equal ones are the same object."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name

    @property
    def family(self) -> Type:
        """The widest type that decides coercion: `INTEGER` is a `NUMBER`, `list of string` a `LIST`."""
        return self


class NumberType(Type):
    """Integers and doubles, which coerce alike and compare with each other."""

    __slots__ = ()

    @property
    def family(self) -> Type:
        return NUMBER


class ListType(Type):
    """A list, or an array when `array` is true: arrays compare by identity and have no useful text."""

    __slots__ = ("array", "element")

    def __init__(self, name: str, element: Type, *, array: bool = False) -> None:
        super().__init__(name)
        self.element = element
        self.array = array

    @property
    def family(self) -> Type:
        return LIST


class MapType(Type):
    """A map whose keys are not known before it is there."""

    __slots__ = ("value",)

    def __init__(self, name: str, value: Type) -> None:
        super().__init__(name)
        self.value = value

    @property
    def family(self) -> Type:
        return MAP


class StructType(MapType):
    """A map some of whose keys are known, each with a type of its own.

    Other keys are of type `value`; a closed struct has no others, and the checker reports them.
    """

    __slots__ = ("keys", "open")

    def __init__(self, name: str, keys: Mapping[str, Type], *, value: Type | None = None, open: bool = True) -> None:  # noqa: A002
        super().__init__(name, value or ANY)
        self.keys = dict(keys)
        self.open = open


class EnumType(Type):
    """One of a closed list of names; equals the text of its name. Its values are members of a Python `Enum`."""

    __slots__ = ("names",)

    def __init__(self, name: str, names: Iterable[str]) -> None:
        super().__init__(name)
        self.names = tuple(names)


ANY = Type("any")
NULL = Type("null")
STRING = Type("string")
BOOLEAN = Type("boolean")
NUMBER = NumberType("number")
INTEGER = NumberType("integer")
DOUBLE = NumberType("double")
BYTES = Type("byte array")
INSTANT = Type("instant")
PATTERN = Type("pattern")
"""A parameter that takes a Java regular expression: a string, checked at load time when it is a literal."""
LIST = ListType("list", ANY)
ARRAY = ListType("array", ANY, array=True)
MAP = MapType("map", ANY)


@cache
def list_of(element: Type) -> ListType:
    """List whose elements are of one type."""
    return LIST if element is ANY else ListType(f"list of {element.name}", element)


@cache
def array_of(element: Type) -> ListType:
    """Array whose elements are of one type."""
    return ARRAY if element is ANY else ListType(f"array of {element.name}", element, array=True)


@cache
def map_of(value: Type) -> MapType:
    """Map whose values are of one type."""
    return MAP if value is ANY else MapType(f"map of {value.name}", value)


STRINGS = list_of(STRING)


def join(left: Type, right: Type) -> Type:
    """The narrowest type that both promise: what a conditional expression gives."""
    if left is right or right is NULL:
        return left
    if left is NULL:
        return right
    family = left.family
    return family if family is right.family and family is NUMBER else ANY


def possible(actual: Type, expected: Type) -> bool:
    """Can a value of type `actual` be one of type `expected`? Null always can."""
    if actual is expected or actual in (ANY, NULL) or expected is ANY:
        return True
    if expected is PATTERN:
        return actual is STRING
    if actual.family is not expected.family:
        return False
    return expected.family in (LIST, MAP) or NUMBER in (actual, expected)


def type_of(value: object) -> Type:
    """The type of a value that is there: that of a constant, or of a heap property."""
    from expr.host import host_type

    if value is None:
        return NULL
    for cls, kind in ((bool, BOOLEAN), (str, STRING), (int, INTEGER), (float, DOUBLE)):
        if isinstance(value, cls):
            return kind
    if isinstance(value, bytes | bytearray):
        return BYTES
    if isinstance(value, Mapping):
        return StructType("map", {key: type_of(item) for key, item in value.items() if isinstance(key, str)})
    published = host_type(value)
    if published is not None:
        return published
    if isinstance(value, list | tuple):
        kinds = {type_of(item) for item in value}
        return list_of(kinds.pop()) if len(kinds) == 1 else LIST
    return ANY
