"""Methods of strings, counting in UTF-16 code units as Java does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from expr.errors import EvaluationError
from expr.host import Method
from expr.java_regex import matcher
from expr.methods.scalars import OBJECT_METHODS
from expr.types import ANY, BOOLEAN, BYTES, INTEGER, PATTERN, STRING, array_of
from expr.utf16 import encode, hash_code, joined, length, units

MAX_LENGTH = 1 << 24
"""Longest text that a method makes out of shorter ones."""
_CONTROL = "".join(map(chr, range(33)))
_BLANK = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \u1680\u2000\u2001\u2002\u2003"
    "\u2004\u2005\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000"
)


def required(value: str | None) -> str:
    """An argument that Java does not take as null."""
    if value is None:
        raise EvaluationError("an argument is null")
    return value


def trim(value: str) -> str:
    """Without what is not above a blank at both ends."""
    return value.strip(_CONTROL)


def substring(value: str, begin: int, end: int | None = None) -> str:
    """A part by code units; an index out of range is an error."""
    plain = units(value)
    stop = len(plain) if end is None else end
    if not 0 <= begin <= stop <= len(plain):
        raise EvaluationError(f"no part from {begin} to {stop} in a text of length {len(plain)}")
    return joined(plain[begin:stop])


def char_at(value: str, index: int) -> str:
    """One code unit."""
    if not 0 <= index < length(value):
        raise EvaluationError(f"no character {index} in a text of length {length(value)}")
    return units(value)[index]


def index_of(value: str, part: str | None, start: int = 0) -> int:
    """The first place of a part at or after `start`, or -1."""
    plain, wanted = units(value), units(required(part))
    return plain.find(wanted, min(max(start, 0), len(plain)))


def last_index_of(value: str, part: str | None, start: int | None = None) -> int:
    """The last place of a part at or before `start`, or -1."""
    plain, wanted = units(value), units(required(part))
    if start is None:
        return plain.rfind(wanted)
    return plain.rfind(wanted, 0, start + len(wanted)) if start >= 0 else -1


def _starts_with(value: str, part: str | None, start: int) -> bool:
    return 0 <= start <= length(value) and units(value).startswith(units(required(part)), start)


def _compare(value: str, other: str | None) -> int:
    left, right = units(value), units(required(other))
    for one, two in zip(left, right, strict=False):
        if one != two:
            return ord(one) - ord(two)
    return len(left) - len(right)


def _fold(value: str) -> str:
    """Each character in upper and then in lower case, as far as that is one character."""
    raised = (char.upper() if len(char.upper()) == 1 else char for char in value)
    return "".join(char.lower()[0] for char in raised)


def _compare_ignoring_case(value: str, other: str | None) -> int:
    for one, two in zip(_fold(value), _fold(required(other)), strict=False):
        if one != two:
            return ord(one) - ord(two)
    return length(value) - length(required(other))


def _equals_ignore_case(value: str, other: str | None) -> bool:
    return other is not None and (value == other or _fold(value) == _fold(other))


def _replace(value: str, old: str | None, new: str | None) -> str:
    old, new = required(old), required(new)
    if value.count(old) * (len(new) - len(old)) + len(value) > MAX_LENGTH:
        raise EvaluationError("the text is too long")
    # An empty part is found between the halves of a character, too.
    return value.replace(old, new) if value.isascii() else joined(units(value).replace(units(old), new))


def _repeat(value: str, count: int) -> str:
    if count < 0 or count * len(value) > MAX_LENGTH:
        raise EvaluationError(f"cannot repeat a text {'a negative number of times' if count < 0 else 'that often'}")
    return value * count


def _concat(value: str, other: str | None) -> str:
    return joined(value + required(other))


def _m(result: Any, call: Callable[..., Any], *parameters: Any) -> Method:
    return Method(parameters, result, call)


_ARRAY = array_of(STRING)
METHODS: dict[str, tuple[Method, ...]] = {
    **OBJECT_METHODS,
    "length": (_m(INTEGER, length),),
    "isEmpty": (_m(BOOLEAN, lambda value: not value),),
    "isBlank": (_m(BOOLEAN, lambda value: not value.strip(_BLANK)),),
    "charAt": (_m(STRING, char_at, INTEGER),),
    "concat": (_m(STRING, _concat, STRING),),
    "contains": (_m(BOOLEAN, lambda value, part: (required(part) if part is None else part) in value, STRING),),
    "startsWith": (
        _m(BOOLEAN, lambda value, part: value.startswith(required(part) if part is None else part), STRING),
        _m(BOOLEAN, _starts_with, STRING, INTEGER),
    ),
    "endsWith": (_m(BOOLEAN, lambda value, part: value.endswith(required(part) if part is None else part), STRING),),
    "equals": (_m(BOOLEAN, lambda value, other: isinstance(other, str) and value == other, ANY),),
    "equalsIgnoreCase": (_m(BOOLEAN, _equals_ignore_case, STRING),),
    "compareTo": (_m(INTEGER, _compare, STRING),),
    "compareToIgnoreCase": (_m(INTEGER, _compare_ignoring_case, STRING),),
    "indexOf": (_m(INTEGER, index_of, STRING), _m(INTEGER, index_of, STRING, INTEGER)),
    "lastIndexOf": (_m(INTEGER, last_index_of, STRING), _m(INTEGER, last_index_of, STRING, INTEGER)),
    "matches": (_m(BOOLEAN, lambda value, regex: matcher(required(regex)).matches(value), PATTERN),),
    "replace": (_m(STRING, _replace, STRING, STRING),),
    "replaceAll": (
        _m(STRING, lambda v, regex, new: matcher(required(regex)).replace(v, required(new)), PATTERN, STRING),
    ),
    "replaceFirst": (
        _m(STRING, lambda v, regex, new: matcher(required(regex)).replace(v, required(new), 1), PATTERN, STRING),
    ),
    "split": (
        _m(_ARRAY, lambda value, regex: matcher(required(regex)).split(value), PATTERN),
        _m(_ARRAY, lambda value, regex, limit: matcher(required(regex)).split(value, limit), PATTERN, INTEGER),
    ),
    "strip": (_m(STRING, lambda value: value.strip(_BLANK)),),
    "stripLeading": (_m(STRING, lambda value: value.lstrip(_BLANK)),),
    "stripTrailing": (_m(STRING, lambda value: value.rstrip(_BLANK)),),
    "substring": (_m(STRING, substring, INTEGER), _m(STRING, substring, INTEGER, INTEGER)),
    "toLowerCase": (_m(STRING, str.lower),),
    "toUpperCase": (_m(STRING, str.upper),),
    "trim": (_m(STRING, trim),),
    "repeat": (_m(STRING, _repeat, INTEGER),),
    "hashCode": (_m(INTEGER, hash_code),),
    "toString": (_m(STRING, str),),
    "getBytes": (_m(BYTES, encode),),
}
