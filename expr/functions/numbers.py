"""Functions that read numbers and booleans from text."""

from __future__ import annotations

import re

from expr.errors import warn
from expr.functions import Function, Parameter
from expr.types import BOOLEAN, INTEGER, STRING

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_STRING = Parameter("string", STRING)


def _parse(value: str | None, radix: int) -> int | None:
    if value is None:
        return None
    digits = _DIGITS[:radix] if 2 <= radix <= 36 else ""
    if digits and len(value) <= 40 and re.fullmatch(f"[+-]?[{digits}]+", value, re.ASCII | re.IGNORECASE):
        number = int(value, radix)
        if -(2**31) <= number < 2**31:
            return number
    warn("the text is no integer of 32 bits in this radix: the value is null")
    return None


FUNCTIONS = (
    Function(
        "bool",
        "Turns text into a boolean: true exactly when it equals true, in any case.",
        (_STRING,),
        BOOLEAN,
        lambda value: value is not None and value.lower() == "true",
        (("bool('TRue')", True), ("bool(' true')", False), ("bool('yes')", False), ("bool(null)", False)),
    ),
    Function(
        "integer",
        "Parses decimal text to a number of 32 bits; null when it is none.",
        (_STRING,),
        INTEGER,
        lambda value: _parse(value, 10),
        (
            ("integer('42')", 42),
            ("integer('-7')", -7),
            ("integer(' 42')", None),
            ("integer('1 + 1')", None),
            ("integer('2147483648')", None),
        ),
    ),
    Function(
        "integerWithRadix",
        "Parses text in a radix of 2 to 36 to a number of 32 bits; null when it is none.",
        (_STRING, Parameter("radix", INTEGER)),
        INTEGER,
        _parse,
        (
            ("integerWithRadix('ff', 16)", 255),
            ("integerWithRadix('0x1f', 16)", None),
            ("integerWithRadix('1', null)", None),
        ),
    ),
)
