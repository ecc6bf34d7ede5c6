"""Values that Python has no type for, and the text and equality that Java gives to each kind.

Integers of 64 bits are `int`, doubles `float`, arbitrary-precision numbers `int` beyond 64 bits and `Decimal`; byte
arrays are `bytes`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Set
from typing import Any

from expr.host import host_type

INTEGER_MIN = -(2**63)
INTEGER_MAX = 2**63 - 1


class Array(list[Any]):
    """A Java array: fixed length, compared by identity, its text a meaningless id."""

    __slots__ = ()
    __hash__ = object.__hash__  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other


class JsonMap(dict[str, Any]):
    """An object of a JSON structure: a map whose text is JSON."""

    __slots__ = ()


class JsonList(list[Any]):
    """An array of a JSON structure: a list whose text is JSON."""

    __slots__ = ()


def parse_json(text: str) -> Any:
    """Parse JSON text to a structure; raises ValueError for text that is no JSON."""
    value = _READER.decode(text)
    return as_json(value) if value.__class__ is list else value


def as_json(value: Any) -> Any:
    """The same maps and lists as a JSON structure, whose text is JSON."""
    if isinstance(value, list | tuple) and not isinstance(value, JsonList):
        return JsonList(as_json(item) for item in value)
    if isinstance(value, Mapping) and not isinstance(value, JsonMap):
        return JsonMap((key, as_json(item)) for key, item in value.items())
    return value


def _json_map(pairs: list[tuple[str, Any]]) -> JsonMap:
    found = JsonMap(pairs)
    for key, item in found.items():
        if item.__class__ is list:
            found[key] = as_json(item)
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_READER = json.JSONDecoder(object_pairs_hook=_json_map, parse_constant=_no_constant)


def text(value: Any) -> str:
    """The text of a value in a composite template; empty for null."""
    writer = _WRITERS.get(value.__class__)
    return writer(value) if writer is not None else _other_text(value)


def double_text(value: float) -> str:
    """A double as Java prints it: `2.0`, `1.0E10`, `Infinity`."""
    if value != value:  # noqa: PLR0124  the one number that differs from itself
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    plain = repr(value)
    magnitude = abs(value)
    if value == 0 or 1e-3 <= magnitude < 1e7:
        return plain
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = plain.lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + ("" if fraction == "0" else fraction)).lstrip("0")
    leading = len(whole + fraction) - len((whole + fraction).lstrip("0"))
    if len(digits.strip("0")) == 1:
        # Of the shortest texts Java takes one of two digits when it is nearer: 4.9E-324.
        nearer = f"{magnitude:.1e}"
        if float(nearer) == magnitude:
            mantissa, _, exponent = nearer.partition("e")
            return f"{sign}{mantissa}E{int(exponent)}"
    power = int(exponent or 0) + len(whole) - leading - 1
    digits = digits.rstrip("0") or "0"
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{power}"


def element_text(value: Any) -> str:
    """The text of an element of a list or map, where null shows."""
    return "null" if value is None else text(value)


def _list_text(value: Iterable[Any]) -> str:
    return f"[{', '.join(map(element_text, value))}]"


def _map_text(value: Mapping[Any, Any]) -> str:
    return f"{{{', '.join(f'{element_text(key)}={element_text(item)}' for key, item in value.items())}}}"


def json_text(value: Any) -> str:
    """JSON text of a structure, without blanks after the separators."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=text)


def _bytes_text(value: bytes) -> str:
    return f"[B@{id(value) & 0xFFFFFFFF:x}"


_WRITERS: dict[type, Any] = {
    str: str,
    type(None): lambda _: "",
    bool: lambda value: "true" if value else "false",
    int: str,
    float: double_text,
    list: _list_text,
    tuple: _list_text,
    dict: _map_text,
    set: _list_text,
    frozenset: _list_text,
    JsonMap: json_text,
    JsonList: json_text,
    Array: lambda value: f"[Ljava.lang.String;@{id(value) & 0xFFFFFFFF:x}",
    bytes: _bytes_text,
    bytearray: _bytes_text,
}


def _other_text(value: Any) -> str:
    published = host_type(value)
    if published is not None and published.text is not None:
        return published.text(value)
    from enum import Enum

    if isinstance(value, Enum):
        return value.name
    kinds: tuple[tuple[Any, Any], ...] = (
        (str, str.__str__), (Mapping, _map_text), (list, _list_text), (Set, _list_text)
    )  # fmt: skip
    for kind, writer in kinds:
        if isinstance(value, kind):
            return str(writer(value))
    return f"{value}" if _is_number(value) else f"{type(value).__name__}@{id(value) & 0xFFFFFFFF:x}"


def _is_number(value: Any) -> bool:
    from numbers import Number

    return isinstance(value, Number)


def same(left: Any, right: Any) -> bool:
    """Java's `equals`: lists and maps by content, arrays by identity, an integer never equal to a double."""
    if left is right:
        return True
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, Array | bytes | bytearray) or isinstance(right, Array | bytes | bytearray):
        return False
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left.__class__ is right.__class__ and left == right
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return len(left) == len(right) and all(key in right and same(item, right[key]) for key, item in left.items())
    return bool(left == right)
