"""The properties of declarations as JSON Schema: what pydantic knows of fields, in the terms of configuration files.

Null counts as absent, unknown keys are mistakes, keys with an underscore are remarks, old and removed names are there
and deprecated. `model_schemas` is the one source of the schema for editors and of the tables that people read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import (
    DEFAULT_REF_TEMPLATE,
    GenerateJsonSchema,
    JsonSchemaMode,
    JsonSchemaValue,
    JsonSchemaWarningKind,
    models_json_schema,
)
from pydantic_core import core_schema

from config.declaration import Deprecated, Formerly, NoEffect, Properties
from config.emit.fragments import NO_EFFECT, TRANSFORMATION, Schema
from config.registry import snake_case

REMARKS: Schema = {r"^[_$]|^comments?$": True}
"""Keys that mean nothing (or are those of a transformation) in any object of properties."""
REF = "#/$defs/"
LIMITS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}


class _Generator(GenerateJsonSchema):
    """Pydantic's generator, where a configuration is more, or less, than the Python types of the fields."""

    def emit_warning(self, kind: JsonSchemaWarningKind, detail: str) -> None:
        """Say nothing: a default that is no JSON value has none in the schema."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        if made.get("default", "") is None:
            del made["default"]
        return made

    def list_schema(self, schema: core_schema.ListSchema) -> JsonSchemaValue:
        return {**super().list_schema(schema), "type": ["array", "object"], **TRANSFORMATION}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        values = made.get("additionalProperties", True)
        return {"type": "object", "patternProperties": {r"^\$": True}, "additionalProperties": values}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        cls = schema["cls"]
        if not issubclass(cls, Properties):
            return made
        properties: dict[str, Schema] = made.get("properties", {})
        for item in properties.values():
            if isinstance(item.get("title"), str) and "<" not in item["title"] and " " not in item["title"]:
                del item["title"]
        return _in_configuration(cls, made, properties)

    def field_title_should_be_set(self, schema: Any) -> bool:
        """No titles made from Python names: a title is a type in the words of the documentation."""
        return False


def _in_configuration(cls: type[Properties], made: Schema, properties: dict[str, Schema]) -> Schema:
    for name, field in cls.model_fields.items():
        item = properties[field.alias or name]
        for limit in field.metadata:
            for sign, word in LIMITS.items():
                if (bound := getattr(limit, sign, None)) is not None:
                    item[word] = bound
                    item.pop(sign, None)
    required = list(made.get("required", ()))
    either: list[Schema] = []
    for name, marks in cls.property_names().items():
        for mark in marks:
            if isinstance(mark, Formerly):
                either.extend(_old_name(name, mark, properties, required))
            else:
                _mark(properties[name], mark)
    for name, instead in cls.removed.items():
        properties[name] = {"description": f"Removed, and ignored: {instead}.", "deprecated": True}
    result: Schema = {"type": "object", "description": made.get("description", ""), "properties": properties}
    if required or either:
        needed: Schema = {**({"required": required} if required else {}), **({"allOf": either} if either else {})}
        result |= {"if": TRANSFORMATION, "else": needed}
    return {**result, "patternProperties": REMARKS, "additionalProperties": cls.open_keys}


def _old_name(name: str, mark: Formerly, properties: dict[str, Schema], required: list[str]) -> Iterable[Schema]:
    current = {key: value for key, value in properties[name].items() if key != "default"}
    properties[mark.name] = {**current, "description": f"Old name of {name}.", "deprecated": True}
    if name in required:
        required.remove(name)
        yield {"anyOf": [{"required": [name]}, {"required": [mark.name]}]}


def _mark(item: Schema, mark: Deprecated | NoEffect) -> None:
    if isinstance(mark, Deprecated):
        item["deprecated"] = True
        item["deprecationMessage"] = f"Deprecated: {mark.instead}."
    else:
        item[NO_EFFECT] = mark.why


@dataclass(frozen=True)
class Schemas:
    """JSON Schemas of classes of properties, and of the groups of properties inside of them."""

    models: Mapping[type[Properties], Schema]
    """Each class -> a reference to its definition, or its schema."""
    definitions: dict[str, Schema]

    def resolved(self, schema: Schema) -> Schema:
        """What a schema says itself, together with what it refers to."""
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith(REF):
            return schema
        return {**self.definitions[reference.removeprefix(REF)], **schema}


def model_schemas(classes: Iterable[type[Properties]]) -> Schemas:
    """Describe classes together: what they share is defined once."""
    wanted: list[tuple[Any, JsonSchemaMode]] = [(cls, "validation") for cls in classes]
    found, document = models_json_schema(wanted, schema_generator=_Generator, ref_template=DEFAULT_REF_TEMPLATE)
    definitions: dict[str, Schema] = document.get("$defs", {})
    names = {name: _readable(name) for name in definitions}
    return Schemas(
        {cls: _renamed(schema, names) for (cls, _), schema in found.items()},  # type: ignore[misc]
        {names[name]: _renamed(schema, names) for name, schema in sorted(definitions.items())},
    )


def value_schema(annotation: Any) -> Schema:
    """A property type alone, as that of a decoration."""
    return TypeAdapter(annotation).json_schema(schema_generator=_Generator)


def _readable(name: str) -> str:
    """gateway__filters__switch_filter__RequestCase -> SwitchFilter.RequestCase."""
    *_, module, cls = f"__{name}".split("__")
    if not module:
        return cls
    words = "".join(word.capitalize() for word in module.split("_"))
    return f"{words}.{cls}" if snake_case(words) == module else f"{module}.{cls}"


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            key: REF + names.get(item.removeprefix(REF), item.removeprefix(REF))
            if key == "$ref" and isinstance(item, str)
            else _renamed(item, names)
            for key, item in value.items()
        }
    return [_renamed(item, names) for item in value] if isinstance(value, list) else value
