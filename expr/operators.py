"""The operators on values of any kind; compiled expressions take shortcuts where the kinds are plain."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Collection
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import Enum
from typing import Any

from expr.coerce import kind, to_big, to_boolean, to_decimal, to_double, to_long, wrap
from expr.errors import EvaluationError
from expr.host import host_type
from expr.values import INTEGER_MAX, INTEGER_MIN, Array, same, text

_EXACT = Context(prec=4000)


def _looks_double(value: Any) -> bool:
    return value.__class__ is float or (isinstance(value, str) and ("." in value or "e" in value or "E" in value))


def _is_decimal(value: Any) -> bool:
    return isinstance(value, Decimal)


def _is_big(value: Any) -> bool:
    return value.__class__ is int and not INTEGER_MIN <= value <= INTEGER_MAX


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _arithmetic(
    plain: Callable[[Any, Any], Any], exact: Callable[[Decimal, Decimal], Decimal]
) -> Callable[[Any, Any], Any]:
    def apply(left: Any, right: Any) -> Any:
        if left is None and right is None:
            return 0
        if _is_decimal(left) or _is_decimal(right):
            return exact(to_decimal(left), to_decimal(right))
        if _looks_double(left) or _looks_double(right):
            return plain(to_double(left), to_double(right))
        if _is_big(left) or _is_big(right):
            return _bounded(plain(to_big(left), to_big(right)))
        return wrap(plain(to_long(left), to_long(right)))

    return apply


def _bounded(number: int) -> int:
    if number.bit_length() > 1 << 16:
        raise EvaluationError("the number is too big")
    return number


add = _arithmetic(operator.add, _EXACT.add)
subtract = _arithmetic(operator.sub, _EXACT.subtract)
multiply = _arithmetic(operator.mul, _EXACT.multiply)


def divide(left: Any, right: Any) -> Any:
    """Always a double (a decimal for big kinds); zero as the divisor gives infinity."""
    if left is None and right is None:
        return 0
    if any(_is_decimal(value) or _is_big(value) for value in (left, right)):
        dividend, divisor = to_decimal(left), to_decimal(right)
        if not divisor:
            raise EvaluationError("division by zero")
        # BigDecimal.divide keeps the scale of the dividend.
        scale = Decimal((0, (1,), int(dividend.as_tuple().exponent)))
        return _EXACT.divide(dividend, divisor).quantize(scale, ROUND_HALF_UP, _EXACT)
    dividend_, divisor_ = to_double(left), to_double(right)
    if divisor_:
        return dividend_ / divisor_
    if not dividend_ or math.isnan(dividend_) or math.isnan(divisor_):
        return math.nan
    return math.copysign(math.inf, dividend_) * math.copysign(1.0, divisor_)


def modulo(left: Any, right: Any) -> Any:
    """The remainder, with the sign of the dividend."""
    if left is None and right is None:
        return 0
    if any(_is_decimal(value) or _looks_double(value) for value in (left, right)):
        dividend, divisor = to_double(left), to_double(right)
        if math.isinf(dividend) or not divisor or math.isnan(divisor):
            return math.nan
        return math.fmod(dividend, divisor)
    convert = to_big if _is_big(left) or _is_big(right) else to_long
    number, by = convert(left), convert(right)
    if not by:
        raise EvaluationError("modulo by zero")
    rest = abs(number) % abs(by)
    return -rest if number < 0 else rest


def negate(value: Any) -> Any:
    """Unary minus."""
    if value is None:
        return 0
    if isinstance(value, float | Decimal):
        return -value
    if _looks_double(value):
        return -to_double(value)
    return -value if _is_big(value) else wrap(-to_long(value))


def utf16_key(value: str) -> bytes:
    """A key that orders strings by their UTF-16 code units."""
    return value.encode("utf-16-be", "surrogatepass")


def _ordered(left: Any, right: Any) -> tuple[Any, Any]:
    for is_kind, convert in (
        (_is_decimal, to_decimal),
        (lambda value: value.__class__ is float, to_double),
        (_is_big, to_big),
        (_is_integer, to_long),
    ):
        if is_kind(left) or is_kind(right):
            return convert(left), convert(right)
    if isinstance(left, str) or isinstance(right, str):
        return utf16_key(text(left)), utf16_key(text(right))
    if isinstance(left, Enum) and left.__class__ is right.__class__:
        order = list(left.__class__)
        return order.index(left), order.index(right)
    if left.__class__ is right.__class__ and hasattr(left, "__lt__") and not isinstance(left, Collection):
        return left, right
    raise EvaluationError(f"cannot compare {kind(left)} with {kind(right)}")


def _comparison(compare: Callable[[Any, Any], Any], identical: bool) -> Callable[[Any, Any], bool]:
    def apply(left: Any, right: Any) -> bool:
        if left is right:
            return identical
        if left is None or right is None:
            return False
        try:
            return bool(compare(*_ordered(left, right)))
        except TypeError:
            raise EvaluationError(f"cannot compare {kind(left)} with {kind(right)}") from None

    return apply


less = _comparison(operator.lt, False)
greater = _comparison(operator.gt, False)
less_equal = _comparison(operator.le, True)
greater_equal = _comparison(operator.ge, True)


def equal(left: Any, right: Any) -> bool:
    """`==`: by number when one is a number, by boolean, by name, by text, else by content."""
    if left is right:
        return True
    if left is None or right is None:
        return False
    if _is_decimal(left) or _is_decimal(right):
        return to_decimal(left) == to_decimal(right)
    if left.__class__ is float or right.__class__ is float:
        return _same_double(to_double(left), to_double(right))
    if _is_big(left) or _is_big(right):
        return to_big(left) == to_big(right)
    if _is_integer(left) or _is_integer(right):
        return to_long(left) == to_long(right)
    if isinstance(left, bool) or isinstance(right, bool):
        return to_boolean(left) is to_boolean(right)
    if isinstance(left, Enum) or isinstance(right, Enum):
        return _same_enum(left, right) if isinstance(left, Enum) else _same_enum(right, left)
    if isinstance(left, str) or isinstance(right, str):
        return text(left) == text(right)
    return same(left, right)


def _same_double(left: float, right: float) -> bool:
    # As Double.equals: NaN is itself, and the two zeros differ.
    if left == right:
        return math.copysign(1.0, left) == math.copysign(1.0, right)
    return math.isnan(left) and math.isnan(right)


def _same_enum(member: Enum, other: Any) -> bool:
    if isinstance(other, Enum) or other == "":
        return False
    if not isinstance(other, str):
        raise EvaluationError(f"cannot compare {kind(member)} with {kind(other)}")
    if other not in type(member).__members__:
        raise EvaluationError("the text is no name of the enumeration")
    return member.name == other


def not_equal(left: Any, right: Any) -> bool:
    """`!=`: an error of `==` stays an error."""
    return not equal(left, right)


def is_empty(value: Any) -> bool:
    """`empty`: null, the empty string, and collections, maps and arrays without an element."""
    if value is None:
        return True
    if isinstance(value, bytes | bytearray):
        return False
    published = host_type(value)
    if published is not None:
        if published.empty is not None:
            return published.empty(value)
        return published.keys is not None and not any(True for _ in published.keys(value))
    return isinstance(value, str | Collection | Array) and len(value) == 0


BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": add, "-": subtract, "*": multiply, "/": divide, "%": modulo,
    "<": less, ">": greater, "<=": less_equal, ">=": greater_equal, "==": equal, "!=": not_equal,
}  # fmt: skip
UNARY: dict[str, Callable[[Any], Any]] = {
    "not": lambda value: not to_boolean(value),
    "-": negate,
    "empty": is_empty,
}
