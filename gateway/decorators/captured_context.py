"""The contexts of an exchange as JSON, for the log: what expressions see, and nothing that has to be fetched."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

from expr.host import host_type, reader
from gateway.http.published import BASE
from gateway.http.uri import Uri

if TYPE_CHECKING:
    from gateway.http.context import Context

_DEEPEST = 12
_OF_EVERY_REQUEST = ("attributes", "session", "client", "router", "transactionId", "requestAudit")


def captured_context(context: Context) -> dict[str, Any]:
    """One member a context, from the innermost outwards; of several with one name the innermost."""
    names = dict.fromkeys((*_names(context), *_OF_EVERY_REQUEST))
    found = {name: context.find(name) for name in names}
    values: dict[str, Any] = {"id": context.root.id}
    values.update((name, _properties(member)) for name, member in found.items() if member is not None)
    return values


def _names(context: Context) -> list[str]:
    names, node = [], context
    while node.parent is not None:
        names.append(node.name)
        node = node.parent
    return names


def _properties(context: Context) -> Any:
    table = context.published
    return {
        name: _plain(reader(entry)(context), 0)
        for name, entry in table.properties.items()
        if name not in BASE.properties and not (name[:2] == "is" and name[2:3].isupper())
    }


def _plain(value: Any, depth: int) -> Any:
    """A JSON value of a value that expressions see."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if depth > _DEEPEST:
        return "..."
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Uri):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(value[key], depth + 1) for key in _loaded(value)}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, bytes):
        return f"[{len(value)} bytes]"
    published = host_type(value)
    if published is not None and published.properties and published.text is str:
        return {name: _plain(reader(entry)(value), depth + 1) for name, entry in published.properties.items()}
    return str(value)


def _loaded(values: Mapping[Any, Any]) -> list[Any]:
    """The keys of a map; none of a session that nothing has read yet, which a log does not load either."""
    return [] if getattr(values, "loaded", True) is False else list(values)
