"""How a Python class shows itself to expressions: a table of names, never its attributes.

A class that expressions may see carries a `HostType` as its class attribute `published`. The checker reads property and
method names and types from it, the compiler the ways to reach the values; what the table does not name is not there.

    class Cookie:
        published = HostType(
            "Cookie",
            properties={
                "name": (STRING, "name"),                        # a Python attribute of the object
                "maxAge": (INTEGER, lambda cookie: cookie.age),  # or a function of the object
                "value": (STRING, "value", set_value),           # writable, with a function of object and value
            },
            methods={"matches": ((STRING,), BOOLEAN, lambda cookie, host: host.endswith(cookie.domain))},
        )

Every property `foo` is readable as `getFoo()` and, when it is a boolean, `isFoo()`. A method may have several
declarations (a list) that differ in the number or the types of their parameters. A type that is not defined yet (a
context's parent is a context) is given as a function that returns it. An object that is looked into by key says
`item=`: `Headers` does, and is then also a map for `empty`, `size()`, `keySet()` and `length()` through `keys=`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from expr.types import ANY, BOOLEAN, MAP, MapType, Type

LazyType = Type | Callable[[], Type]


class Property(NamedTuple):
    """A name after a dot: how to read it and, when it has a `set`, how to write it."""

    type: LazyType
    get: str | Callable[[Any], Any]
    """Name of a Python attribute, or a function of the object."""
    set: Callable[[Any, Any], None] | None = None
    """function(object, value); raises ValueError or TypeError for a value that cannot be."""
    reads: str | None = None
    """What reading it touches: "entity", "headers", "cookies", "session", or None."""
    deprecated: str = ""
    """What to use instead, when it is not for new configurations: "use queryParams"."""
    doc: str = ""


class Method(NamedTuple):
    """A callable name: arguments are coerced to the parameters, then `call(object, *arguments)` is called."""

    parameters: tuple[Type, ...]
    result: LazyType
    call: Callable[..., Any]
    reads: str | None = None
    doc: str = ""
    mutates: bool = False
    """Does it change the object? Then it is never called on a constant."""


PropertyLike = Property | tuple[Any, ...]
MethodLike = Method | tuple[Any, ...] | Sequence[Method | tuple[Any, ...]]


class HostType(Type):
    """The published side of a Python class; see the module text for an example.

    `base` is the type whose names this one inherits. `open` says that names missing from the table may exist at run
    time (they are null when not), so the checker stays silent about them. `text` is the text in a template (default:
    `str`).
    """

    __slots__ = (
        "base",
        "documented",
        "empty",
        "is_map",
        "item",
        "item_type",
        "keys",
        "methods",
        "open",
        "properties",
        "set_item",
        "text",
    )

    def __init__(
        self,
        name: str,
        *,
        properties: Mapping[str, PropertyLike] | None = None,
        methods: Mapping[str, MethodLike] | None = None,
        base: HostType | None = None,
        item: Callable[[Any, Any], Any] | None = None,
        item_type: LazyType = ANY,
        set_item: Callable[[Any, Any, Any], None] | None = None,
        keys: Callable[[Any], Iterable[Any]] | None = None,
        text: Callable[[Any], str] | None = None,
        empty: Callable[[Any], bool] | None = None,
        open: bool = False,  # noqa: A002
    ) -> None:
        super().__init__(name)
        self.base = base
        self.item: Callable[[Any, Any], Any] | None = item or (base.item if base else None)
        self.item_type: LazyType = item_type if item or not base else base.item_type
        self.set_item: Callable[[Any, Any, Any], None] | None = set_item or (base.set_item if base else None)
        self.keys: Callable[[Any], Iterable[Any]] | None = keys or (base.keys if base else None)
        self.text: Callable[[Any], str] | None = text or (base.text if base else str)
        self.empty: Callable[[Any], bool] | None = empty or (base.empty if base else None)
        self.open: bool = open or bool(base and base.open)
        self.is_map = self.keys is not None
        self.documented = {key: _property(value) for key, value in (properties or {}).items()}
        self.properties: dict[str, Property] = {**(base.properties if base else {}), **self.documented}
        self.methods: dict[str, tuple[Method, ...]] = dict(base.methods) if base else {}
        for key, entry in self.documented.items():
            self.methods.update(_getters(key, entry))
        self.methods.update((key, _methods(value)) for key, value in (methods or {}).items())

    @property
    def family(self) -> Type:
        return MAP if self.is_map else self

    def extends(self, other: Type) -> bool:
        """Is this type `other`, or does it inherit from it?"""
        kind: HostType | None = self
        while kind is not None:
            if kind is other:
                return True
            kind = kind.base
        return False


def _property(value: PropertyLike) -> Property:
    return value if isinstance(value, Property) else Property(*value)


def _methods(value: MethodLike) -> tuple[Method, ...]:
    if isinstance(value, Method):
        return (value,)
    if isinstance(value, list):
        return tuple(entry if isinstance(entry, Method) else Method(*entry) for entry in value)
    return (Method(*value),)


def _getters(name: str, entry: Property) -> Iterable[tuple[str, tuple[Method, ...]]]:
    read = reader(entry)
    names = [f"get{name[:1].upper()}{name[1:]}"]
    if entry.type is BOOLEAN:
        names.append(f"is{name[:1].upper()}{name[1:]}")
    return [(getter, (Method((), entry.type, read, entry.reads),)) for getter in names]


def reader(entry: Property) -> Callable[[Any], Any]:
    """The function that reads a property."""
    if callable(entry.get):
        return entry.get
    from operator import attrgetter

    return attrgetter(entry.get)


def resolve(kind: LazyType) -> Type:
    """The type itself, when it was given as a function because it was not defined yet."""
    return kind if isinstance(kind, Type) else kind()


_HOST_TYPES: dict[type, HostType | None] = {}


def host_type(value: object) -> HostType | None:
    """The table that the class of a value publishes, or None."""
    cls = value.__class__
    try:
        return _HOST_TYPES[cls]
    except KeyError:
        found = getattr(cls, "published", None)
        kind = found if isinstance(found, HostType) else _external(cls)
        _HOST_TYPES[cls] = kind
        return kind


_EXTERNAL: dict[type, HostType] = {}
_NAMED: dict[str, HostType] = {}


def _external(cls: type) -> HostType | None:
    return _EXTERNAL.get(cls) or _NAMED.get(f"{cls.__module__}.{cls.__qualname__}")


def publish_named(name: str, kind: HostType) -> None:
    """Show a class that is expensive to import, by its full name."""
    _NAMED[name] = kind


def publish(cls: type, kind: HostType) -> None:
    """Show a class that is not ours (a certificate, say) under a table; its subclasses are not included."""
    _EXTERNAL[cls] = kind
    _HOST_TYPES.pop(cls, None)


def is_map_type(kind: Type) -> bool:
    """Is a value of this type looked into by key, with keys that are not all known?"""
    return isinstance(kind, MapType) or (isinstance(kind, HostType) and kind.is_map)
