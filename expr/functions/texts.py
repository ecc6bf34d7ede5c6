"""Functions on text: case, trimming, positions, and the text of any object."""

from __future__ import annotations

from typing import Any

from expr.functions import Function, Parameter
from expr.methods.strings import index_of, trim
from expr.types import ANY, INTEGER, STRING
from expr.values import text

_STRING = Parameter("string", STRING)


def _to_string(value: Any) -> str | None:
    return None if value is None else text(value)


def _index_of(value: str | None, part: str | None) -> int:
    return -1 if value is None or part is None else index_of(value, part)


FUNCTIONS = (
    Function(
        "indexOf",
        "Position of the first occurrence of a substring, counted from 0; -1 when it is not found.",
        (_STRING, Parameter("substring", STRING)),
        INTEGER,
        _index_of,
        (
            ("indexOf('abc', 'c')", 2),
            ("indexOf('abc', 'z')", -1),
            ("indexOf('abc', '')", 0),
            ("indexOf(null, 'a')", -1),
            ("indexOf('a', null)", -1),
        ),
    ),
    Function(
        "toLowerCase",
        "The text in lower case.",
        (_STRING,),
        STRING,
        lambda value: None if value is None else value.lower(),
        (("toLowerCase('AbC')", "abc"), ("toLowerCase(null)", None)),
    ),
    Function(
        "toString",
        "Text of any object, as in a template; null stays null.",
        (Parameter("object", ANY),),
        STRING,
        _to_string,
        (("toString(42)", "42"), ("toString(4 / 2)", "2.0"), ("toString(null)", None)),
    ),
    Function(
        "toUpperCase",
        "The text in upper case.",
        (_STRING,),
        STRING,
        lambda value: None if value is None else value.upper(),
        (("toUpperCase('AbC')", "ABC"), ("toUpperCase(null)", None)),
    ),
    Function(
        "trim",
        "The text without white space and control characters at both ends.",
        (_STRING,),
        STRING,
        lambda value: None if value is None else trim(value),
        (("trim('  a b ')", "a b"), ("trim(null)", None)),
    ),
)
