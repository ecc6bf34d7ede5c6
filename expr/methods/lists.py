"""Methods of lists, sets and arrays."""

from __future__ import annotations

from collections.abc import Callable, Collection, MutableSequence, MutableSet
from typing import Any

from expr.errors import EvaluationError
from expr.host import Method
from expr.methods.scalars import OBJECT_METHODS
from expr.types import ANY, ARRAY, BOOLEAN, INTEGER, LIST
from expr.values import Array, same


def place_of(values: Any, wanted: Any, order: Callable[[Any], Any] = iter) -> int:
    """Where an equal element is, or -1."""
    return next((index for index, value in order(enumerate(values)) if same(value, wanted)), -1)


def has(values: Any, wanted: Any) -> bool:
    """Is an equal element there?"""
    return any(same(value, wanted) for value in values)


def _get(values: list[Any], index: int) -> Any:
    if not 0 <= index < len(values):
        raise EvaluationError(f"no element {index} in a list of {len(values)}")
    return values[index]


def _part(values: list[Any], begin: int, end: int) -> list[Any]:
    if not 0 <= begin <= end <= len(values):
        raise EvaluationError(f"no part from {begin} to {end} in a list of {len(values)}")
    return list(values[begin:end])


def _mutable(values: Any) -> Any:
    if not isinstance(values, MutableSequence | MutableSet):
        raise EvaluationError("the list cannot be changed")
    return values


def _add(values: Any, value: Any) -> bool:
    target = _mutable(values)
    if isinstance(target, MutableSequence):
        target.append(value)
        return True
    size = len(target)
    target.add(value)
    return len(target) > size


def _remove(values: Any, value: Any) -> Any:
    target = _mutable(values)
    if isinstance(target, MutableSequence):
        if value.__class__ is int:
            _get(values, value)
            return target.pop(value)
        place = place_of(target, value)
        if place >= 0:
            del target[place]
        return place >= 0
    present = value in target
    target.discard(value)
    return present


def _clear(values: Any) -> None:
    _mutable(values).clear()


def _m(result: Any, call: Callable[..., Any], *parameters: Any, mutates: bool = False) -> Method:
    return Method(parameters, result, call, mutates=mutates)


def _contains_all(values: Any, wanted: Collection[Any] | None) -> bool:
    if wanted is None:
        raise EvaluationError("an argument is null")
    return all(has(values, value) for value in wanted)


_COLLECTION: dict[str, tuple[Method, ...]] = {
    **OBJECT_METHODS,
    "size": (_m(INTEGER, len),),
    "isEmpty": (_m(BOOLEAN, lambda values: not len(values)),),
    "contains": (_m(BOOLEAN, has, ANY),),
    "containsAll": (_m(BOOLEAN, _contains_all, LIST),),
    "toArray": (_m(ARRAY, Array),),
    "add": (_m(BOOLEAN, _add, ANY, mutates=True),),
    "remove": (_m(ANY, _remove, ANY, mutates=True),),
    "clear": (_m(ANY, _clear, mutates=True),),
}
SET_METHODS = _COLLECTION
METHODS: dict[str, tuple[Method, ...]] = {
    **_COLLECTION,
    "get": (_m(ANY, _get, INTEGER),),
    "getFirst": (_m(ANY, lambda values: _get(values, 0)),),
    "getLast": (_m(ANY, lambda values: _get(values, len(values) - 1)),),
    "indexOf": (_m(INTEGER, place_of, ANY),),
    "lastIndexOf": (_m(INTEGER, lambda values, wanted: place_of(values, wanted, lambda i: reversed(list(i))), ANY),),
    "subList": (_m(LIST, _part, INTEGER, INTEGER),),
}
ARRAY_METHODS = OBJECT_METHODS
