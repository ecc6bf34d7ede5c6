"""Reading, calling and writing on values whose kind is known only when the expression runs.

This is the whole of what an expression can reach: maps, lists, and the tables that classes publish. Nothing here reads
a Python attribute by a name that comes from an expression.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, MutableSequence
from typing import Any

from expr.coerce import accepts, coerce, kind
from expr.errors import EvaluationError
from expr.host import HostType, Method, host_type, reader
from expr.methods import table_of
from expr.types import ANY, STRING, Type
from expr.values import Array, JsonList, JsonMap, text

Reader = Callable[[Any, Any], Any]


def _from_map(base: Mapping[Any, Any], key: Any) -> Any:
    try:
        return base.get(key)
    except TypeError:
        return None  # a list cannot be a key


def _from_list(base: list[Any], key: Any) -> Any:
    if isinstance(key, float):
        key = int(key) if abs(key) < 2**31 else -1
    if key.__class__ is int and 0 <= key < len(base):
        return base[key]
    return None


def _nothing(base: Any, key: Any) -> Any:
    return None


def _host_reader(published: HostType) -> Reader:
    readers = {name: reader(entry) for name, entry in published.properties.items()}
    item = published.item or _nothing

    def read(base: Any, key: Any) -> Any:
        found = readers.get(key) if key.__class__ is str else None
        return item(base, key) if found is None else found(base)

    return read


_READERS: dict[type, Reader] = {dict: _from_map, JsonMap: _from_map, list: _from_list, JsonList: _from_list,
                                Array: _from_list, tuple: _from_list, str: _nothing}  # fmt: skip


def _reader_of(base: Any) -> Reader:
    published = host_type(base)
    if published is not None:
        found = _host_reader(published)
    elif isinstance(base, Mapping):
        found = _from_map
    else:
        found = _from_list if isinstance(base, list | tuple) else _nothing
    _READERS[base.__class__] = found
    return found


def get(base: Any, key: Any) -> Any:
    """`base.key` and `base[key]`: null for what is not there."""
    if base is None or key is None:
        return None
    return (_READERS.get(base.__class__) or _reader_of(base))(base, key)


def call(base: Any, name: Any, arguments: tuple[Any, ...]) -> Any:
    """`base.name(arguments)`: null on null, an error when there is no such method."""
    if base is None:
        return None
    methods = table_of(base).get(text(name))
    if methods is None:
        raise EvaluationError(f"{kind(base)} has no method '{text(name)[:40]}'")
    method = choose(methods, arguments)
    if method is None:
        raise EvaluationError(f"method '{text(name)}' of {kind(base)} does not take {len(arguments)} arguments")
    converted = [coerce(value, wanted) for value, wanted in zip(arguments, method.parameters, strict=True)]
    try:
        return method.call(base, *converted)
    except EvaluationError:
        raise
    except Exception as error:
        raise EvaluationError(f"method '{text(name)}' of {kind(base)} failed: {type(error).__name__}") from error


def choose(methods: tuple[Method, ...], arguments: tuple[Any, ...]) -> Method | None:
    """The declaration whose parameters fit: by their number, then by the kinds of the arguments."""
    fitting = [method for method in methods if len(method.parameters) == len(arguments)]
    if len(fitting) < 2:
        return fitting[0] if fitting else None
    return max(fitting, key=lambda method: sum(map(_fit, method.parameters, arguments)))


def _fit(wanted: Type, value: Any) -> int:
    return 0 if value is None or wanted is ANY else 2 if accepts(wanted, value) else 1 if wanted is STRING else -1


def put(base: Any, key: Any, value: Any) -> str:
    """Write `base[key]`; the reason when nothing was written, else an empty text."""
    if base is None:
        return "there is nothing to write to: the part before the last step is null"
    published = host_type(base)
    if published is not None:
        return _put_host(published, base, key, value)
    if isinstance(base, MutableMapping):
        return _put_entry(base, key, value)
    if isinstance(base, MutableSequence):
        return _put_list(base, key, value)
    return f"{kind(base)} cannot be written to"


def _put_entry(base: MutableMapping[Any, Any], key: Any, value: Any) -> str:
    if key is None:
        return "the key is null"
    try:
        base[key] = value
    except (ValueError, TypeError) as error:
        return f"the map does not take this entry ({type(error).__name__})"
    return ""


def _put_list(base: MutableSequence[Any], key: Any, value: Any) -> str:
    if key.__class__ is int and 0 <= key < len(base):
        base[key] = value
        return ""
    if key.__class__ is int and key == len(base) and not isinstance(base, Array):
        base.append(value)
        return ""
    return f"there is no such element in a list of {len(base)}"


def _put_host(published: HostType, base: Any, key: Any, value: Any) -> str:
    entry = published.properties.get(key) if isinstance(key, str) else None
    try:
        if entry is not None and entry.set is not None:
            entry.set(base, value)
            return ""
        if entry is None and published.set_item is not None and key is not None:
            published.set_item(base, key, value)
            return ""
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        return f"property '{text(key)[:40]}' of {kind(base)} does not take {kind(value)} ({type(error).__name__})"
    if entry is None:
        return f"{kind(base)} has no property '{text(key)[:40]}'"
    return f"property '{text(key)[:40]}' of {kind(base)} cannot be written"
