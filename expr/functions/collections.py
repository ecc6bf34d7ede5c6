"""Functions on lists, arrays and maps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set, Sized
from typing import Any

from expr.coerce import kind, to_text
from expr.errors import EvaluationError
from expr.functions import Function, Parameter
from expr.host import host_type
from expr.methods.lists import has
from expr.types import ANY, BOOLEAN, INTEGER, LIST, STRING, array_of
from expr.utf16 import length as text_length
from expr.values import Array, element_text, same


def _array(*values: Any) -> Array:
    if len(values) == 1 and isinstance(values[0], Array):
        return Array(map(to_text, values[0]))
    return Array(map(to_text, values))


def _contains(target: Any, value: Any) -> bool:
    if target is None or value is None:
        return False
    if isinstance(target, str):
        return isinstance(value, str) and value in target
    if isinstance(target, Array):
        for element in target:
            if element is None:
                raise EvaluationError("the array has a null element")
            if same(element, value):
                return True
        return False
    return isinstance(target, list | tuple | Set) and has(target, value)


def _join(values: Any, separator: str | None) -> str | None:
    if values is None:
        return None
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise EvaluationError(f"cannot join {kind(values)}")
    return (separator or "").join(map(element_text, values))


def _last_element(values: Any) -> Any:
    return values[-1] if isinstance(values, list | tuple) and values else None


def _length(value: Any) -> int:
    if isinstance(value, str):
        return text_length(value)
    published = host_type(value)
    if published is not None:
        return sum(1 for _ in published.keys(value)) if published.keys is not None else 0
    return len(value) if isinstance(value, Sized) else 0


FUNCTIONS = (
    Function(
        "array",
        "Makes an array of strings from its arguments.",
        (Parameter("strings", ANY),),
        array_of(STRING),
        _array,
        (
            ("array('a', 'b', 'c')[1]", "b"),
            ("join(array('a', 'b'), ':')", "a:b"),
            ("length(array())", 0),
            ("length(array(null))", 1),
            ("array(1, true)[0]", "1"),
            ("length(array(array('a', 'b')))", 2),
            ("contains(array('GET', 'HEAD'), 'HEAD')", True),
        ),
        variadic=True,
    ),
    Function(
        "contains",
        "Does a string contain a substring, or a collection or array an element?",
        (Parameter("object", ANY), Parameter("value", ANY)),
        BOOLEAN,
        _contains,
        (
            ("contains('allyoucaneat', 'can')", True),
            ("contains(split('a,b,c', ','), 'b')", True),
            ("contains(null, 'x')", False),
            ("contains('1', 1)", False),
            ("contains(array('1'), 1)", False),
        ),
        notes="Elements are compared as they are: the text 1 is not the number 1.",
    ),
    Function(
        "join",
        "Joins the elements of an array or of a list with a separator.",
        (Parameter("values", LIST), Parameter("separator", STRING)),
        STRING,
        _join,
        (
            ("join(array('a', 'b', 'c'), ',')", "a,b,c"),
            ("join(null, ',')", None),
            ("join(array('a', null), '-')", "a-null"),
            ("join(array('a', 'b'), null)", "ab"),
        ),
    ),
    Function(
        "lastElement",
        "Last element of a list or array, or null when there is none.",
        (Parameter("values", ANY),),
        ANY,
        _last_element,
        (("lastElement(split('a.b.c', '\\\\.'))", "c"), ("lastElement(array())", None), ("lastElement(null)", None)),
    ),
    Function(
        "length",
        "Number of characters of a string, or of elements of a collection, map or array; 0 for anything else.",
        (Parameter("object", ANY),),
        INTEGER,
        _length,
        (("length('abc')", 3), ("length(null)", 0), ("length(toJson('{\"a\": 1}'))", 1), ("length(5)", 0)),
    ),
)
