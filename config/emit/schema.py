"""JSON Schema (2020-12) of a configuration file, for editors: generated from the declarations, and from nothing else.

An object is told by its `type`: its `config` has to fit the properties of that type. A reference is a name or an inline
object of a type that can stand there. Types that are documented and do not run are open objects that say so. Fields
beside `type` and `config` are decorations, and may have any name.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any

from config.declaration import Decorator, HeapObject
from config.document import Document
from config.emit.fragments import CONFIG_OF, KIND, NO_EFFECT, Schema
from config.emit.properties import REF, Schemas, model_schemas, value_schema
from config.registry import Registry

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NOT_RUN = "PingGateway documents this type, and this version of Gatewright does not run it."
_OF_THE_PLACE = ("description", "default", "deprecated", "deprecationMessage", "minimum", "maximum", NO_EFFECT)
"""What is said of a property, not of its type."""
_ORDER = tuple(
    """
    $schema $id $ref title description deprecated deprecationMessage type const enum enumDescriptions pattern minimum
    maximum exclusiveMinimum exclusiveMaximum default minItems items required properties propertyNames minProperties
    patternProperties additionalProperties anyOf allOf if then else $defs
    """.split()  # noqa: SIM905 - read as a sentence
)
"""Keywords in the order in which people read them."""


class SchemaWriter:
    """Writes the schemas of the documents of one registry."""

    def __init__(self, registry: Registry, documents: Collection[type[Document]]) -> None:
        self._registry = registry
        self._classes: dict[str, type[HeapObject]] = {name: registry.get(name) for name in registry.names()}
        self._default_objects = {name: kind for cls in documents for name, kind in cls.default_objects.items()}
        self._schemas: Schemas = model_schemas(dict.fromkeys([*self._classes.values(), *documents]))

    def document(self, cls: type[Document], title: str) -> Schema:
        """The schema of one kind of file."""
        top = dict(self._schemas.resolved(self._schemas.models[cls]))
        top.pop("$ref", None)
        decorations = {
            name: {"$ref": f"{REF}decoration.{name}"}
            for name in self._decorations(cls)
            if name not in top["properties"]
        }
        properties = {
            **top["properties"],
            **decorations,
            "heap": {**top["properties"]["heap"], "items": {"$ref": f"{REF}HeapObject"}},
        }
        if "globalDecorators" in properties:
            properties["globalDecorators"] = {**properties["globalDecorators"], "properties": decorations}
        definitions = {**self._schemas.definitions, **self._objects(cls)}
        document = _linked({**top, "properties": properties}, definitions, self)
        used = _reachable(document, definitions)
        document |= {"$schema": DIALECT, "title": title, "$defs": {name: definitions[name] for name in sorted(used)}}
        ordered: Schema = _ordered(document)
        return ordered

    def _decorations(self, cls: type[Document]) -> dict[str, type[Decorator]]:
        objects = cls.default_objects or self._default_objects
        found = {name: self._registry.get(str(declaration["type"])) for name, declaration in objects.items()}
        return {name: kind for name, kind in found.items() if issubclass(kind, Decorator)}

    def _objects(self, cls: type[Document]) -> dict[str, Schema]:
        """Definitions of objects of any type, and of the decorations that all of them can have."""
        decorators = self._decorations(cls)
        decorations = {f"decoration.{name}": _decoration(name, kind) for name, kind in decorators.items()}
        base: Schema = {
            "type": "object",
            "description": "A heap object: its type, its config, and decorations beside them.",
            "required": ["type"],
            "properties": {
                "name": {"type": "string", "description": "Name by which others refer to the object."},
                "type": {"enum": list(self.type_names), "enumDescriptions": list(self.type_names.values())},
                "config": {"type": "object", "description": "Properties of the type."},
                **{name: {"$ref": f"{REF}decoration.{name}"} for name in decorators},
            },
            "allOf": [*self._cases(), self._not_run()],
        }
        named = {"allOf": [{"$ref": f"{REF}Object"}], "required": ["name"]}
        not_run = {"description": NOT_RUN, "enum": self._registry.documented_only()}
        return {"Object": base, "HeapObject": named, "NotRun": not_run, **decorations}

    @cached_property
    def type_names(self) -> dict[str, str]:
        """All names that `type` can have, each with a line about it."""
        names: dict[str, str] = {}
        for name, kind in self._classes.items():
            own = " An extension of Gatewright." if kind.extension else ""
            names[name] = _first_line(kind.__doc__) + own
            names.update(dict.fromkeys(self._registry.aliases(name), f"Other name of {name}."))
        return {**names, **dict.fromkeys(self._registry.documented_only(), NOT_RUN)}

    def _cases(self) -> Iterator[Schema]:
        """For each type, what its config has to fit."""
        for name, kind in self._classes.items():
            schema = self._schemas.models[kind]
            config = self._schemas.resolved(schema)
            then: Schema = {"description": _first_line(kind.__doc__), "properties": {"config": schema}}
            if "else" in config:
                then["required"] = ["config"]
            if kind.deprecated:
                then |= {"deprecated": True, "deprecationMessage": f"Deprecated: {kind.deprecated}."}
            if issubclass(kind, Document):  # its properties stand at the top of a file of its own
                then.pop("required", None)
                then["properties"] = {"config": {"type": "object"}}
            names = [name, *self._registry.aliases(name)]
            yield {"if": _type_is(names), "then": then}

    def _not_run(self) -> Schema:
        then = {"description": NOT_RUN, "properties": {"config": {"type": "object", "description": NOT_RUN}}}
        return {"if": {"properties": {"type": {"$ref": f"{REF}NotRun"}}, "required": ["type"]}, "then": then}

    def reference(self, kind_name: str) -> Schema:
        """What an inline object has to be where a kind is wanted."""
        kinds = {base.__name__: base for kind in self._classes.values() for base in kind.__mro__}
        kind = kinds.get(kind_name, object)
        fitting = [name for name, cls in self._classes.items() if kind is object or cls.may_be(kind)]
        if not fitting or len(fitting) == len(self._classes):
            return {"$ref": f"{REF}Object"}
        names = [spelling for name in fitting for spelling in (name, *self._registry.aliases(name))]
        kinds_of_type = {"anyOf": [{"enum": names}, {"$ref": f"{REF}NotRun"}]}
        return {"allOf": [{"$ref": f"{REF}Object"}], "properties": {"type": kinds_of_type}}

    def config_of(self, type_name: str) -> Schema:
        return self._schemas.models[self._classes[type_name]]


def _decoration(name: str, kind: type[Decorator]) -> Schema:
    schema = value_schema(kind.decoration)
    return {**schema, "description": f"The decoration {name}. {_first_line(kind.__doc__)}"}


def _type_is(names: list[str]) -> Schema:
    value: Schema = {"const": names[0]} if len(names) == 1 else {"enum": names}
    return {"properties": {"type": value}, "required": ["type"]}


def _first_line(doc: str | None) -> str:
    return (doc or "").strip().partition("\n\n")[0].replace("\n", " ").strip()


def _linked(document: Schema, definitions: dict[str, Schema], writer: SchemaWriter) -> Schema:
    """Put definitions in the place of the marks of fragments, and define each property type once."""
    names = _shared_names([document, *definitions.values()])
    link = _Linker(names, writer)
    document = link(document)
    for name in list(definitions):
        definitions[name] = link(definitions[name])
    definitions.update({name: link.inside(schema) for name, schema in link.shared.items()})
    return document


def _shared_names(schemas: list[Schema]) -> dict[str, str]:
    """Names of definitions for the property types that stand in more than one place, by their content."""
    seen: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for item in _walk(schemas):
        if isinstance(item.get("title"), str) and "type" in item:
            seen[item["title"]][_content(item)] += 1
    names: dict[str, str] = {}
    for title in sorted(seen):
        often = [content for content, count in seen[title].items() if count > 1]
        for number, content in enumerate(often, 1):
            words = "".join(word[:1].upper() + word[1:] for word in re.findall(r"\w+", title) if word != "expression")
            names[content] = words if number == 1 else f"{words}{number}"
    return names


def _content(item: Mapping[str, Any]) -> str:
    return json.dumps({key: value for key, value in item.items() if key not in _OF_THE_PLACE}, sort_keys=True)


class _Linker:
    """Rewrites schemas; `shared` fills with what is defined once."""

    def __init__(self, names: Mapping[str, str], writer: SchemaWriter) -> None:
        self._names = names
        self._writer = writer
        self.shared: dict[str, Schema] = {}

    def __call__(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self(item) for item in value]
        if not isinstance(value, dict):
            return value
        name = self._names.get(_content(value)) if isinstance(value.get("title"), str) else None
        if name is not None:
            self.shared[name] = {key: item for key, item in value.items() if key not in _OF_THE_PLACE}
            value = {"$ref": REF + name, **{key: value[key] for key in _OF_THE_PLACE if key in value}}
        return self.inside(value)

    def inside(self, value: Schema) -> Schema:
        """The schema with what it holds rewritten."""
        made = {key: self(item) for key, item in value.items() if not key.startswith("x-")}
        if isinstance(value.get(KIND), str):
            made |= {"if": {"type": "object"}, "then": self._writer.reference(value[KIND])}
        if isinstance(value.get(CONFIG_OF), str):
            made |= self._writer.config_of(value[CONFIG_OF])
        if isinstance(value.get(NO_EFFECT), str):
            made["description"] = f"{made.get('description', '')} No effect here: {value[NO_EFFECT]}.".strip()
        return made


def _walk(value: Any) -> Iterator[Schema]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item)


def _reachable(document: Schema, definitions: Mapping[str, Schema]) -> set[str]:
    found: set[str] = set()
    pending = [document]
    while pending:
        for item in _walk(pending.pop()):
            reference = item.get("$ref")
            name = reference.removeprefix(REF) if isinstance(reference, str) else ""
            if name in definitions and name not in found:
                found.add(name)
                pending.append(definitions[name])
    return found


def _ordered(value: Any, *, names: bool = False) -> Any:
    """Keywords in the order in which people read them; names of properties and definitions as they are."""
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    if not isinstance(value, dict):
        return value
    keys = list(value) if names else sorted(value, key=lambda key: _ORDER.index(key) if key in _ORDER else len(_ORDER))
    holders = ("properties", "patternProperties", "$defs")
    return {
        key: value[key]
        if key in ("default", "enum", "const") and not names
        else _ordered(value[key], names=not names and key in holders)
        for key in keys
    }
