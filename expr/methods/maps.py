"""Methods of maps, and of host objects that are looked into by key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping
from typing import Any

from expr.errors import EvaluationError
from expr.host import HostType, Method, host_type
from expr.methods.scalars import OBJECT_METHODS
from expr.types import ANY, BOOLEAN, INTEGER, LIST
from expr.values import element_text, same


class Entry:
    """An entry of a map."""

    __slots__ = ("key", "value")
    published = HostType(
        "Entry",
        properties={"key": (ANY, "key"), "value": (ANY, "value")},
        text=lambda entry: f"{element_text(entry.key)}={element_text(entry.value)}",
    )

    def __init__(self, key: Any, value: Any) -> None:
        self.key = key
        self.value = value


def keys(target: Any) -> list[Any]:
    """The keys of a map or of an object that is one."""
    published = host_type(target)
    return list(published.keys(target) if published is not None and published.keys is not None else target)


def lookup(target: Any, key: Any) -> Any:
    """The value of a key, or null; a key that cannot be one is absent."""
    published = host_type(target)
    if published is not None and published.item is not None:
        return published.item(target, key)
    try:
        return target.get(key)
    except TypeError:
        return None


def has_key(target: Any, key: Any) -> bool:
    """Is the key there, even with a null value?"""
    published = host_type(target)
    if published is not None and published.item is not None:
        return published.item(target, key) is not None
    try:
        return key in target
    except TypeError:
        return False


def _values(target: Any) -> list[Any]:
    return [lookup(target, key) for key in keys(target)]


def _put(target: Any, key: Any, value: Any) -> Any:
    previous = lookup(target, key)
    published = host_type(target)
    if published is not None and published.set_item is not None:
        published.set_item(target, key, value)
    elif isinstance(target, MutableMapping):
        target[key] = value
    else:
        raise EvaluationError("the map cannot be changed")
    return previous


def _remove(target: Any, key: Any) -> Any:
    if isinstance(target, MutableMapping):
        return target.pop(key, None)
    return _put(target, key, None)


def _clear(target: Any) -> None:
    if not isinstance(target, MutableMapping):
        raise EvaluationError("the map cannot be changed")
    target.clear()


def _or_default(target: Any, key: Any, default: Any) -> Any:
    return lookup(target, key) if has_key(target, key) else default


def _entries(target: Any) -> Iterable[Entry]:
    return [Entry(key, lookup(target, key)) for key in keys(target)]


def _m(result: Any, call: Callable[..., Any], *parameters: Any, mutates: bool = False) -> Method:
    return Method(parameters, result, call, mutates=mutates)


METHODS: dict[str, tuple[Method, ...]] = {
    **OBJECT_METHODS,
    "get": (_m(ANY, lookup, ANY),),
    "getOrDefault": (_m(ANY, _or_default, ANY, ANY),),
    "containsKey": (_m(BOOLEAN, has_key, ANY),),
    "containsValue": (_m(BOOLEAN, lambda target, wanted: any(same(v, wanted) for v in _values(target)), ANY),),
    "keySet": (_m(LIST, keys),),
    "values": (_m(LIST, _values),),
    "entrySet": (_m(LIST, _entries),),
    "size": (_m(INTEGER, lambda target: len(keys(target))),),
    "isEmpty": (_m(BOOLEAN, lambda target: not keys(target)),),
    "put": (_m(ANY, _put, ANY, ANY, mutates=True),),
    "remove": (_m(ANY, _remove, ANY, mutates=True),),
    "clear": (_m(ANY, _clear, mutates=True),),
}
