"""From a declaration in a file to an instance of its class, with every mistake at its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from typing import Any, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, SchemaError

from config.codes import (
    BROKEN_RULE,
    INVALID_DECLARATION,
    INVALID_VALUE,
    MISSING_PROPERTY,
    REMOVED_TYPE,
    UNKNOWN_TYPE,
    UNSUPPORTED_TYPE,
    WRONG_TYPE,
)
from config.declaration import HeapObject, Properties, is_comment
from config.loading import Loading
from config.problem import Problem, closest, quoted
from config.read_codes import NESTING
from config.registry import Registry
from config.replacement import of_value
from config.values import Map, Text, place_of
from expr.diagnostic import Diagnostic, DiagnosticError
from expr.source import Source, Span

P = TypeVar("P", bound=Properties)
DECLARATION_KEYS = frozenset({"name", "type", "config"})

_EXPECTED = {
    "string_type": "a string",
    "int_type": "an integer",
    "float_type": "a number",
    "bool_type": "a boolean",
    "list_type": "an array",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}


class Unknowable(Exception):
    """Lint cannot know a value that the declaration needs; there is no instance and nothing wrong."""


@dataclass(eq=False)
class Declared:
    """An object as a file declares it: {name, type, config, decorations}."""

    name: str
    type_name: str
    values: Map
    find_class: Callable[[], type[HeapObject]]
    """Gives its class, whose module is imported when somebody asks for it: few default objects are ever used."""
    decorations: list[str] = field(default_factory=list)

    @cached_property
    def cls(self) -> type[HeapObject]:
        return self.find_class()

    @property
    def config(self) -> Map:
        config = self.values.get("config")
        return config if isinstance(config, Map) else Map(self.values.source, self.values.value_span("type"))

    @property
    def place(self) -> tuple[Source, Span]:
        """Where to point for the object as a whole: its name, or its type."""
        return self.values.at(["name"] if "name" in self.values else ["type"])


def declared(values: object, registry: Registry, fallback: tuple[Source, Span], default_name: str = "") -> Declared:
    """Read the form of a declaration and find its class; raises DiagnosticError."""
    if not isinstance(values, Map):
        source, span = place_of(values) or fallback
        raise DiagnosticError([Diagnostic(INVALID_DECLARATION, "an object declaration is a JSON object", source, span)])
    type_name = values.get("type")
    if not isinstance(type_name, str) or not type_name:
        source, span = values.at(["type"])
        message = 'an object declaration needs a "type"'
        hint = 'write {"name": ..., "type": "Chain", "config": {...}}'
        raise DiagnosticError([Diagnostic(INVALID_DECLARATION, message, source, _head(span), hint)])
    name = values.get("name")
    if name is not None and not isinstance(name, str):
        raise DiagnosticError([Diagnostic(WRONG_TYPE, "the name of an object is a string", *values.at(["name"]))])
    config = values.get("config")
    if config is not None and not isinstance(config, Map):
        raise DiagnosticError([Diagnostic(WRONG_TYPE, '"config" is an object of properties', *values.at(["config"]))])
    if not registry.knows(type_name):
        raise DiagnosticError([_no_such_type(type_name, registry, *values.at(["type"]))])
    find = partial(registry.get, str(type_name))
    return Declared(str(name or default_name), str(type_name), values, find, decorations(values))


def decorations(values: Map) -> list[str]:
    """Fields of a declaration that decorate the object."""
    return [key for key in values if key not in DECLARATION_KEYS and not is_comment(key)]


def _head(span: Span) -> Span:
    """The opening brace of an object, rather than all its lines."""
    return Span(span.start, span.start + 1)


def _no_such_type(name: str, registry: Registry, source: Source, span: Span) -> Diagnostic:
    if name in registry.removed:
        return Diagnostic(
            REMOVED_TYPE, f"the type {quoted(name)} no longer exists", source, span, registry.removed[name]
        )
    if name in registry.documented:
        message = f"PingGateway documents the type {quoted(name)}, and this version of Gatewright does not run it"
        return Diagnostic(UNSUPPORTED_TYPE, message, source, span, "`gatewright explain` lists the types that run")
    hint = closest(name, registry.known_names()) or "type names are case-sensitive"
    return Diagnostic(UNKNOWN_TYPE, f"there is no object type {quoted(name)}", source, span, hint)


def decode(cls: type[P], values: Map, loading: Loading, place: tuple[Source, Span] | None = None) -> P:
    """Make an instance from its properties; raises DiagnosticError with all that is wrong, or Unknowable in lint."""
    try:
        instance = cls.model_validate(values, context=loading)
    except ValidationError as error:
        raise _explained(cls.__name__, error.errors(include_url=False), values, place) from None
    except SchemaError:  # a null where there is no default: read once more, to learn where
        raise _nulls(cls, values, loading, place) from None
    except RecursionError:
        raise _too_deep(values) from None
    if isinstance(instance, HeapObject) and (broken := list(instance.verify())):
        raise DiagnosticError(
            Diagnostic(BROKEN_RULE, message, *_place_of_property(values, property_name, place), hint)
            for property_name, message, hint in broken
        )
    return instance


@cache
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


def decode_value(annotation: Any, key: str, values: Map, loading: Loading) -> Any:
    """Read one field of an object as a property type: the value of a decoration."""
    try:
        return _adapter(annotation).validate_python(values[key], context=loading)
    except SchemaError:
        message = f"{quoted(key)} is null, which decorates nothing"
        raise DiagnosticError([Diagnostic(INVALID_VALUE, message, *values.at([key]))]) from None
    except RecursionError:
        raise _too_deep(values) from None
    except ValidationError as error:
        errors: list[ErrorDetails] = [{**e, "loc": (key, *e["loc"])} for e in error.errors(include_url=False)]
        raise _explained(key, errors, values, None) from None


def _too_deep(values: Map) -> DiagnosticError:
    message = "objects are nested too deeply here"
    return DiagnosticError([Diagnostic(NESTING, message, values.source, _head(values.span), NESTING.explanation)])


def _nulls(
    cls: type[Properties], values: Map, loading: Loading, place: tuple[Source, Span] | None
) -> DiagnosticError | Unknowable:
    """What is wrong with an object that has a null where there is no default."""
    loading.null_is_error = True
    try:
        cls.model_validate(values, context=loading)
    except ValidationError as error:
        found = [e for e in error.errors(include_url=False) if e["type"] != "missing" or not _optional(cls, e["loc"])]
        return _explained(cls.__name__, found, values, place)
    finally:
        loading.null_is_error = False
    return Unknowable()


def _optional(cls: type[Properties], location: tuple[int | str, ...]) -> bool:
    """Does the property at a place have a default?"""
    current: type[Properties] | None = cls
    optional = False
    for step in location:
        if isinstance(step, int):
            optional = False
        elif current is not None:
            field = next((f for name, f in current.model_fields.items() if step in (name, f.alias)), None)
            if field is not None:
                optional = not field.is_required()
                current = _group(field.annotation)
    return optional


def _group(annotation: Any) -> type[Properties] | None:
    """The class of the nested object that an annotation names, if any."""
    if isinstance(annotation, type) and issubclass(annotation, Properties):
        return annotation
    return next((found for part in get_args(annotation) if (found := _group(part)) is not None), None)


def _place_of_property(values: Map, name: str, place: tuple[Source, Span] | None) -> tuple[Source, Span]:
    if name in values:
        return values.key_at([name])
    return place or (values.source, values.span)


def _explained(
    owner: str, errors: Sequence[ErrorDetails], values: Map, place: tuple[Source, Span] | None
) -> DiagnosticError | Unknowable:
    found: list[Diagnostic] = []
    for error in errors:
        if error["type"] != "unknown":
            found.extend(_diagnostics(owner, error, values, place))
    return DiagnosticError(dict.fromkeys(found)) if found else Unknowable()


def _diagnostics(owner: str, error: ErrorDetails, values: Map, place: tuple[Source, Span] | None) -> list[Diagnostic]:
    location = error["loc"]
    path = [str(step) if not isinstance(step, int) else step for step in location]
    source, span = values.at(path)
    if error["type"] == "missing":
        parent = values.at(path[:-1]) if len(path) > 1 else place or (values.source, values.span)
        source, span = (
            parent[0],
            _head(parent[1]) if parent[0].text[parent[1].start : parent[1].start + 1] in "{[" else parent[1],
        )
        group = f'"{path[-2]}"' if len(path) > 1 and isinstance(path[-2], str) else owner
        return [Diagnostic(MISSING_PROPERTY, f'{group} needs the property "{path[-1]}"', source, span)]
    problem = error.get("ctx", {}).get("problem")
    if isinstance(problem, Problem):
        if problem.code is None:
            return list(problem.diagnostics)
        value = error["input"]
        if problem.span is not None and isinstance(value, Text):
            source, span = value.source, value.locate(problem.span)
        written = source.text[span.start : span.end]
        # What a token or a transformation gave is not what stands in the file.
        fix = of_value(span, problem.instead) if problem.instead and written == str(error["input"]) else None
        return [Diagnostic(problem.code, problem.message, source, span, problem.help, fix=fix)]
    noun = _EXPECTED.get(error["type"])
    if noun is not None:
        from config.types import kind_of

        return [Diagnostic(WRONG_TYPE, f"expected {noun}, found {kind_of(error['input'])}", source, span)]
    message = error["msg"][:1].lower() + error["msg"][1:]
    return [Diagnostic(INVALID_VALUE, message, source, span)]
