"""The part of the checker that follows properties, indices and methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expr import codes, tree
from expr.access import call, get
from expr.host import HostType, Method, Property, resolve
from expr.known import NOTHING, UNKNOWN, VARIES, Known
from expr.methods import table_for
from expr.source import Span
from expr.types import ANY, INSTANT, NULL, NUMBER, PATTERN, STRING, ListType, MapType, StructType, Type, type_of
from expr.words import article, close, count

if TYPE_CHECKING:
    from expr.check import Checker


def path(checker: Checker, node: tree.Path) -> Known:
    """A value and the steps from it."""
    known = checker.check(node.base)
    for step in node.steps:
        key = checker.check(step.key)
        if isinstance(step, tree.Method):
            known = _method(checker, step, known, key)
        else:
            known = _property(checker, step, known, key)
        checker.known[id(step)] = known
    return known


def host_of(kind: Type) -> HostType | None:
    """The table of names that a type publishes."""
    if kind is INSTANT:
        from expr.instants import Instant

        return Instant.published
    return kind if isinstance(kind, HostType) else None


def find_property(kind: Type, key: Any) -> Property | None:
    """The published property that a constant key names."""
    published = host_of(kind)
    return published.properties.get(key) if published is not None and isinstance(key, str) else None


def _property(checker: Checker, step: tree.Step, base: Known, key: Known) -> Known:
    if base.constant and key.constant:
        return Known(*_constant(get(base.value, key.value))) if base.value is not None else NOTHING
    if key.value is None or base.type is NULL:
        return NOTHING
    if base.origin == "contexts":
        checker.reads.context(key.value if isinstance(key.value, str) else None)
        base = base._replace(origin=None)
    entry = find_property(base.type, key.value)
    if entry is not None:
        return _published(checker, step, base, entry)
    published = host_of(base.type)
    if published is not None:
        return _item(checker, step, base, published, key)
    if isinstance(base.type, ListType):
        return _element(checker, step, base.type, key)
    if isinstance(base.type, MapType):
        return _entry(checker, step, base, key)
    if base.type is ANY:
        return UNKNOWN
    message = f"{article(base.type)} has no properties: the value is null"
    checker.report(
        codes.UNKNOWN_PROPERTY, message, step.span, "call a method, such as length()" if base.type is STRING else ""
    )
    return NOTHING


def _constant(value: Any) -> tuple[Type, Any]:
    return type_of(value), value


def _published(checker: Checker, step: tree.Step, base: Known, entry: Property) -> Known:
    if entry.deprecated:
        message = f"property '{_key_text(step)}' is deprecated"
        checker.report(codes.DEPRECATED, message, step.key.span, entry.deprecated)
    checker.reads.property(base.origin, entry.reads)
    origin = base.origin
    if entry.reads == "headers":
        origin = f"{base.origin}.headers"
        # The whole object may go to a function; a step on it tells which header, and takes this back.
        checker.reads.header(base.origin, None) if not _followed(checker, step) else None
    return Known(resolve(entry.type), VARIES, origin)


def _followed(checker: Checker, step: tree.Step) -> bool:
    following = checker.source.text[step.span.end :].lstrip()[:1]
    return following in (".", "[")


def _key_text(step: tree.Step) -> str:
    return str(step.key.value) if isinstance(step.key, tree.Literal) else "..."


def _item(checker: Checker, step: tree.Step, base: Known, published: HostType, key: Known) -> Known:
    name = key.value if isinstance(key.value, str) else None
    if base.origin and base.origin.endswith(".headers"):
        checker.reads.header(base.origin.removesuffix(".headers"), name)
    if published.item is not None:
        return Known(resolve(published.item_type), VARIES, base.origin)
    if name is None:
        checker.reads.property(base.origin, "entity")  # any property, so perhaps that one
        return UNKNOWN
    if published.open:
        return UNKNOWN
    message = f"{article(published)} has no property '{name}': the value is null"
    names = ", ".join(list(published.properties)[:10])
    checker.report(
        codes.UNKNOWN_PROPERTY, message, step.key.span, close(name, published.properties) or f"it has {names}"
    )
    return NOTHING


def _element(checker: Checker, step: tree.Step, kind: ListType, key: Known) -> Known:
    if key.type is ANY or key.type.family is NUMBER:
        return Known(kind.element)
    message = f"{article(kind)} is read with a number: the value is null"
    checker.report(codes.UNKNOWN_PROPERTY, message, step.span, "write [0] for the first element")
    return NOTHING


def _entry(checker: Checker, step: tree.Step, base: Known, key: Known) -> Known:
    kind = base.type
    name = key.value if isinstance(key.value, str) else None
    origin = base.origin
    if isinstance(kind, StructType) and name is not None:
        if name in kind.keys:
            return Known(kind.keys[name], VARIES, origin)
        if not kind.open:
            message = f"there is no '{name}' in {kind.name}: the value is null"
            hint = close(name, kind.keys) or f"there are {', '.join(list(kind.keys)[:10])}"
            checker.report(codes.UNKNOWN_PROPERTY, message, step.key.span, hint)
            return NOTHING
    return Known(kind.value if isinstance(kind, MapType) else ANY, VARIES, origin)


def _method(checker: Checker, step: tree.Method, base: Known, key: Known) -> Known:
    arguments = [checker.check(argument) for argument in step.arguments]
    if base.type is NULL:
        return NOTHING
    table = table_for(base.type)
    if table is None or not isinstance(key.value, str):
        _whole(checker, base)
        return UNKNOWN
    before = len(checker.findings)
    method = find_method(table.get(key.value, ()), [known.type for known in arguments])
    if method is None:
        _no_method(checker, step, base, key.value, table)
        return UNKNOWN
    checker.reads.property(base.origin, method.reads)
    _header_method(checker, base, arguments)
    for argument, known, wanted in zip(step.arguments, arguments, method.parameters, strict=True):
        checker.argument(known, wanted, argument.span, wanted.name)
    _check_replacement(checker, step, method, arguments)
    if base.constant and all(known.constant for known in arguments) and len(checker.findings) == before:
        if method.mutates:
            checker.report(codes.ALWAYS_FAILS, "this always fails: a constant cannot be changed", step.span)
            return Known(resolve(method.result))
        values = tuple(known.value for known in arguments)
        return checker.fold(step.span, resolve(method.result), call, base.value, key.value, values)
    result = resolve(method.result)
    if result is ANY and isinstance(base.type, ListType) and key.value in ("get", "getFirst", "getLast"):
        result = base.type.element
    return Known(result, origin=None if base.origin == "contexts" else base.origin)


def _whole(checker: Checker, base: Known) -> None:
    if base.origin and base.origin.endswith(".headers"):
        checker.reads.header(base.origin.removesuffix(".headers"), None)
    if base.origin == "contexts":
        checker.reads.context(None)


def _header_method(checker: Checker, base: Known, arguments: list[Known]) -> None:
    if base.origin and base.origin.endswith(".headers"):
        name = arguments[0].value if arguments and isinstance(arguments[0].value, str) else None
        checker.reads.header(base.origin.removesuffix(".headers"), name)
    if base.origin == "contexts":
        name = arguments[0].value if arguments and isinstance(arguments[0].value, str) else None
        checker.reads.context(name)


def _check_replacement(checker: Checker, step: tree.Method, method: Method, arguments: list[Known]) -> None:
    if method.parameters == (PATTERN, STRING):
        pattern, replacement = arguments[0].value, arguments[1].value
        if isinstance(pattern, str) and isinstance(replacement, str):
            checker.replacement(pattern, replacement, step.arguments[1].span)


def find_method(methods: tuple[Method, ...], kinds: list[Type]) -> Method | None:
    """The one declaration that takes arguments of these types, or None when there is none."""
    fitting = [method for method in methods if len(method.parameters) == len(kinds)]
    return fitting[0] if fitting else None


def overloaded(methods: tuple[Method, ...], number: int) -> bool:
    """Are there several declarations with this number of parameters?"""
    return sum(len(method.parameters) == number for method in methods) > 1


def _no_method(checker: Checker, step: tree.Method, base: Known, name: str, table: Any) -> None:
    if isinstance(base.type, HostType) and base.type.open and name not in table:
        return
    span: Span = step.key.span
    if name not in table:
        message = f"{article(base.type)} has no method '{name}'"
        checker.report(
            codes.UNKNOWN_METHOD, message, span, close(name, table) or f"it has {', '.join(list(table)[:10])}"
        )
        return
    takes = " or ".join(str(len(method.parameters)) for method in table[name])
    message = f"method '{name}' of {article(base.type)} does not take {count(len(step.arguments))}"
    checker.report(codes.METHOD_ARGUMENTS, message, step.span, f"it takes {takes}")
