"""JSON values and expression types: what stands where, and in which words."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, get_args, get_origin

from expr import Reads, types

EXPECTED: dict[Any, types.Type] = {
    str: types.STRING,
    bool: types.BOOLEAN,
    int: types.NUMBER,
    float: types.NUMBER,
    list: types.LIST,
    dict: types.MAP,
}
"""Type of result that an expression has to give for a Python type; anything else is open."""
EXPECTS = "gatewright_expects"
"""Where a core schema says what is expected, for the JSON Schema."""

NOUNS = {str: "a string", bool: "a boolean", int: "an integer", float: "a number", list: "an array", dict: "an object"}


def is_expression(value: object) -> bool:
    """Does a string hold an expression? Only then is it worth compiling."""
    return isinstance(value, str) and ("${" in value or "#{" in value)


def kind_of(value: object) -> str:
    """What a JSON value is, in the words of JSON, for messages."""
    for python, noun in NOUNS.items():
        if type(value) is python or (python in (str, list, dict) and isinstance(value, python)):
            return noun
    return "null" if value is None else "a value"


def accepts(expects: types.Type, value: object) -> bool:
    """Is a JSON literal a value of an expression type?"""
    if value is None or expects is types.ANY:
        return True
    python = next((p for p, t in EXPECTED.items() if t is expects.family), None)
    if expects.family is types.NUMBER:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return python is not None and isinstance(value, python)


def needs_preparation(reads: Reads) -> bool:
    """Does an expression read what may not be there yet: an entity, or a session?"""
    return reads.request_entity or reads.response_entity or reads.session


def expected(annotation: object) -> types.Type:
    """The expression type for a Python annotation."""
    if get_origin(annotation) is Annotated:
        return expected(get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return types.STRING
    return EXPECTED.get(get_origin(annotation) or annotation, types.ANY)
