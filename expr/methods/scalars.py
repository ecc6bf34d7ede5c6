"""Methods of every object, and those of numbers, booleans and enumeration values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from expr.coerce import to_double, to_long
from expr.host import Method
from expr.types import ANY, BOOLEAN, DOUBLE, INTEGER, STRING
from expr.utf16 import hash_code
from expr.values import same, text

NUMBERS = int | float | Decimal


def _hash(value: Any) -> int:
    if isinstance(value, bool):
        return 1231 if value else 1237
    if isinstance(value, int):
        return _signed((value ^ (value >> 32)) & 0xFFFFFFFF)
    return hash_code(text(value))


def _signed(bits: int) -> int:
    return bits - (1 << 32) if bits & 0x80000000 else bits


def _ordinal(value: Any) -> int:
    return list(type(value).__members__).index(value.name)


def _compare(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)


OBJECT_METHODS: dict[str, tuple[Method, ...]] = {
    "toString": (Method((), STRING, text),),
    "equals": (Method((ANY,), BOOLEAN, same),),
    "hashCode": (Method((), INTEGER, _hash),),
}
NUMBER_METHODS = {
    **OBJECT_METHODS,
    "intValue": (Method((), INTEGER, lambda value: _signed(to_long(value) & 0xFFFFFFFF)),),
    "longValue": (Method((), INTEGER, to_long),),
    "doubleValue": (Method((), DOUBLE, to_double),),
    "compareTo": (Method((ANY,), INTEGER, _compare),),
}
BOOLEAN_METHODS = {**OBJECT_METHODS, "booleanValue": (Method((), BOOLEAN, bool),)}
ENUM_METHODS = {
    **OBJECT_METHODS,
    "name": (Method((), STRING, lambda value: value.name),),
    "ordinal": (Method((), INTEGER, _ordinal),),
}
