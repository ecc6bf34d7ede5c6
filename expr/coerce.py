"""The conversions that operators, parameters and results make: Java's kinds of values from one another.

Null and the empty string are false or zero; what cannot be converted is an evaluation error, whose message names
the kind of the value and never the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from decimal import Decimal
from enum import Enum
from typing import Any

from expr.errors import EvaluationError
from expr.host import HostType, host_type
from expr.types import ANY, BOOLEAN, BYTES, DOUBLE, INSTANT, INTEGER, LIST, MAP, NUMBER, PATTERN, STRING, Type
from expr.values import INTEGER_MAX, INTEGER_MIN, text

_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_DOUBLE = re.compile(r"[+-]?(?:NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[dDfF]?)", re.ASCII)
_BLANKS = "".join(map(chr, range(33)))


def kind(value: Any) -> str:
    """What a value is, for a message: "a string", "a list"."""
    published = host_type(value)
    if published is not None:
        return f"the {published.name} object"
    kinds: tuple[tuple[Any, str], ...] = (
        (type(None), "null"),
        (bool, "a boolean"),
        (str, "a string"),
        (int | float | Decimal, "a number"),
        (bytes | bytearray, "a byte array"),
        (Mapping, "a map"),
        (list | tuple, "a list"),
        (Set, "a set"),
        (Enum, "an enumeration value"),
    )
    return next((name for cls, name in kinds if isinstance(value, cls)), "an object")


def _cannot(value: Any, target: str) -> EvaluationError:
    if isinstance(value, str):
        return EvaluationError(f"the text is not {target}")
    return EvaluationError(f"cannot make {target} of {kind(value)}")


def to_boolean(value: Any) -> bool:
    """True for true and for the text "true" in any case; an error for what is neither text nor boolean."""
    if value is True or value is False:
        return value
    if value is None:
        return False
    if isinstance(value, str):
        return value.lower() == "true"
    raise _cannot(value, "a boolean")


def wrap(number: int) -> int:
    """The 64 bits of an integer."""
    return ((number + 2**63) & (2**64 - 1)) - 2**63


def to_long(value: Any) -> int:
    """A 64-bit integer; numbers are truncated, text has to be a decimal integer."""
    if value.__class__ is int:
        return value if INTEGER_MIN <= value <= INTEGER_MAX else wrap(value)
    if value is None or value == "":
        return 0
    if isinstance(value, str) and _INTEGER.fullmatch(value) and len(value) < 4000:
        number = int(value)
        if INTEGER_MIN <= number <= INTEGER_MAX:
            return number
    elif isinstance(value, float):
        return _truncated(value)
    elif isinstance(value, Decimal):
        return wrap(int(value))
    raise _cannot(value, "an integer")


def _truncated(value: float) -> int:
    if value != value:  # noqa: PLR0124  not a number
        return 0
    return (
        int(max(min(value, 2.0**63), -(2.0**63)))
        if abs(value) < 2.0**63
        else (INTEGER_MAX if value > 0 else INTEGER_MIN)
    )


def to_double(value: Any) -> float:
    """A double; text may have blanks around the number."""
    if value.__class__ is float:
        return value
    if value is None or value == "":
        return 0.0
    if isinstance(value, str):
        found = value.strip(_BLANKS)
        if _DOUBLE.fullmatch(found):
            return float(found.rstrip("dDfF") if found[-1] in "dDfF" else found)
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return float("inf") if value > 0 else float("-inf")
    raise _cannot(value, "a number")


def to_big(value: Any) -> int:
    """An integer of any size."""
    if value is None or value == "":
        return 0
    if isinstance(value, str) and _INTEGER.fullmatch(value) and len(value) < 4000:
        return int(value)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        try:
            return int(value)
        except (ValueError, OverflowError):
            raise _cannot(value, "an integer") from None
    raise _cannot(value, "an integer")


def to_decimal(value: Any) -> Decimal:
    """A decimal of any precision."""
    if value is None or value == "":
        return Decimal(0)
    if isinstance(value, str) and _DOUBLE.fullmatch(value) and value[-1].isdigit():
        return Decimal(value)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        number = Decimal(value)
        if number.is_finite():
            return number
    raise _cannot(value, "a number")


def to_text(value: Any) -> str | None:
    """The text of a value for a parameter: null stays null."""
    return value if value is None or value.__class__ is str else text(value)


def to_list(value: Any) -> Any:
    """A list, set, array or other collection for a parameter: null stays null."""
    if value is None or (isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)):
        return value
    raise _cannot(value, "a list")


def to_map(value: Any) -> Any:
    """A map for a parameter: null stays null."""
    if value is None or isinstance(value, Mapping):
        return value
    published = host_type(value)
    if published is not None and published.is_map:
        return value
    raise _cannot(value, "a map")


def to_number(value: Any) -> Any:
    """A number of either kind, for a parameter."""
    if isinstance(value, str) and any(mark in value for mark in ".eE"):
        return to_double(value)
    return value if isinstance(value, float | Decimal) else to_long(value)


def to_host(expected: Type, value: Any) -> Any:
    """An object of a published type for a parameter: null stays null."""
    if value is None or accepts(expected, value):
        return value
    raise _cannot(value, f"the object {expected.name}")


_PARAMETERS: dict[Type, Any] = {
    STRING: to_text,
    PATTERN: to_text,
    BOOLEAN: to_boolean,
    INTEGER: to_long,
    DOUBLE: to_double,
    NUMBER: to_number,
    LIST: to_list,
    MAP: to_map,
}


def coerce(value: Any, expected: Type) -> Any:
    """An argument for a parameter of a type."""
    convert = _PARAMETERS.get(expected) or _PARAMETERS.get(expected.family)
    if convert is not None and not isinstance(expected, HostType):
        return convert(value)
    return value if expected is ANY else to_host(expected, value)


def accepts(expected: Type, value: Any) -> bool:
    """Is a value that is not null one of a type, with no conversion?"""
    if isinstance(expected, HostType):
        published = host_type(value)
        return published is not None and published.extends(expected)
    if expected in (INTEGER, DOUBLE, NUMBER):
        wanted: Any = {INTEGER: int, DOUBLE: float | Decimal}.get(expected, int | float | Decimal)
        return isinstance(value, wanted) and not isinstance(value, bool)
    if expected.family is MAP:
        published = host_type(value)
        return isinstance(value, Mapping) or (published is not None and published.is_map)
    if expected is INSTANT:
        from expr.instants import Instant

        return isinstance(value, Instant)
    classes: Any = {STRING: str, PATTERN: str, BOOLEAN: bool, BYTES: bytes | bytearray, LIST: list | tuple}
    wanted = classes.get(expected.family)
    return wanted is None or isinstance(value, wanted)
