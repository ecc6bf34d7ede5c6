"""The page of an object type: what it is for, its properties, what it gives to others, an example."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from config.declaration import Decorator, Formerly, HeapObject, Properties
from config.document import Document
from config.emit.fragments import NO_EFFECT, Schema
from config.emit.layout import dumps
from config.emit.page import Block, Heading, Items, Page, Paragraph, Sample, Table, prose
from config.emit.properties import REF, Schemas, value_schema

HEADER = ("Property", "Type", "Default", "Description")
REMOVED = "Removed, and ignored: "


def type_page(name: str, cls: type[HeapObject], schemas: Schemas, aliases: list[str]) -> Page:
    """Everything that the declaration of a type says."""
    blocks: list[Block] = [*_status(cls, aliases), *prose(cls.__doc__ or "")]
    blocks += _properties(cls, schemas)
    blocks += _provided(cls)
    if issubclass(cls, Decorator):
        words = words_of(value_schema(cls.decoration), schemas)
        blocks += [Heading("Use"), Paragraph(f"Its name in the heap is a field beside `type` and `config`: {words}.")]
    if cls.example:
        blocks += [Heading("Example"), Sample(dumps(cls.example))]
    return Page(name, kind_of_class(cls), first_sentence(cls.__doc__ or ""), tuple(blocks))


def not_run_page(name: str, group: str) -> Page:
    """What there is to say of a type that is documented and does not run."""
    text = f"PingGateway documents {name} ({group}), and this version of Gatewright does not run it."
    hint = "Lint reports it as `unsupported-type`; a configuration that uses it does not load."
    return Page(name, "documented, not run", text, (Paragraph(text), Paragraph(hint)))


def kind_of_class(cls: type[HeapObject]) -> str:
    """What the objects of a type are: "filter", "secret store"."""
    if issubclass(cls, Document):
        return "document"
    bases = [base for base in cls.__mro__[1:] if issubclass(base, HeapObject) and base is not HeapObject]
    if not bases:
        return "object"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", bases[-1].__name__).lower()


def first_sentence(doc: str) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join(doc.strip().partition("\n\n")[0].split())


def _status(cls: type[HeapObject], aliases: list[str]) -> Iterator[Block]:
    if cls.deprecated:
        yield Paragraph(f"Deprecated: {cls.deprecated}.")
    if cls.extension:
        yield Paragraph("An extension of Gatewright: PingGateway has no such type.")
    if aliases:
        yield Paragraph(f"Also accepted as {', '.join(f'`{alias}`' for alias in aliases)}.")


def _provided(cls: type[HeapObject]) -> Iterator[Block]:
    if not cls.provides:
        return
    yield Heading("Contexts")
    places = {"next": "what follows it"}
    yield Items(
        tuple(
            f"`contexts.{context}` for {places.get(place, f'its `{place}`')}"
            for place, contexts in cls.provides.items()
            for context in contexts
        )
    )


def _properties(cls: type[Properties], schemas: Schemas) -> Iterator[Block]:
    top = schemas.resolved(schemas.models[cls])
    yield Heading("Properties")
    if not top["properties"]:
        yield Paragraph("It has no properties.")
        return
    old_names = [
        (m.name, name) for name, marks in cls.property_names().items() for m in marks if isinstance(m, Formerly)
    ]
    yield from _tables(top, schemas, "", set(), frozenset(old for old, _ in old_names))
    gone = [f"`{name}`, now called `{now}`" for name, now in old_names]
    removed = [(name, item.get("description", "")) for name, item in top["properties"].items()]
    gone += [f"`{name}`: {text.removeprefix(REMOVED)}" for name, text in removed if text.startswith(REMOVED)]
    if gone:
        yield Heading("Older properties")
        yield Items(tuple(gone))


def _tables(
    group: Schema, schemas: Schemas, path: str, seen: set[str], left_out: frozenset[str] = frozenset()
) -> Iterator[Block]:
    """The table of a group of properties, then those of the groups inside of it."""
    required = set(group.get("else", {}).get("required", ()))
    shown = {
        name: item
        for name, item in group["properties"].items()
        if name not in left_out and not item.get("description", "").startswith(REMOVED)
    }
    if path:
        yield Heading(f"`{path}`", 3)
        if group.get("description"):
            yield Paragraph(" ".join(group["description"].split()))
    rows = [
        (f"`{name}`", _code(words_of(item, schemas)), _default(name, item, required), _sentence(item))
        for name, item in shown.items()
    ]
    if rows:
        yield Table(HEADER, tuple(rows))
    for name, item in shown.items():
        inside = _group_of(item)
        if inside and inside not in seen:
            seen.add(inside)
            where = f"{path}.{name}" if path else name
            yield from _tables(schemas.definitions[inside], schemas, where, seen)


def _group_of(item: Schema) -> str:
    """Name of the group of properties that a property, or each of its elements, holds."""
    for inside in (item, item.get("items"), item.get("additionalProperties"), item.get("then")):
        if isinstance(inside, dict):
            if isinstance(inside.get("$ref"), str):
                return str(inside["$ref"]).removeprefix(REF)
            if inside is not item and (found := _group_of(inside)):
                return found
    return ""


def words_of(item: Schema, schemas: Schemas) -> str:
    """The type of a property in the words of the documentation."""
    if isinstance(item.get("title"), str):
        if item["title"].endswith(", or an array of these"):
            return f"{words_of(item['else'], schemas)}, or an array of these"
        return str(item["title"])
    if "$ref" in item:
        return "object"
    if isinstance(item.get("items"), dict):
        inner = words_of(item["items"], schemas)
        return "array" if inner == "any" else f"array of {_plural(inner)}"
    if isinstance(item.get("additionalProperties"), dict):
        inner = words_of(item["additionalProperties"], schemas)
        return "map" if inner == "any" else f"map of {_plural(inner)}"
    kind = item.get("type", "any")
    kind = kind[0] if isinstance(kind, list) else kind
    return {"integer": "number", "object": "map"}.get(kind, str(kind))


def _code(words: str) -> str:
    return f"`{words}`" if "<" in words else words


def _plural(words: str) -> str:
    return f"{words}s" if words in ("object", "string", "map", "array", "number") else words


def _default(name: str, item: Schema, required: set[str]) -> str:
    if name in required:
        return "required"
    if "default" not in item:
        return "optional"
    return f"`{json.dumps(item['default'], ensure_ascii=False)}`"


def _sentence(item: Schema) -> str:
    parts = [item.get("description", "")]
    if names := _names(item):
        parts.append(f"One of {', '.join(f'`{name}`' for name in names)}.")
    if item.get("deprecationMessage"):
        parts.append(item["deprecationMessage"])
    if item.get(NO_EFFECT):
        parts.append(f"No effect here: {item[NO_EFFECT]}.")
    for key, word in (("minimum", "At least"), ("exclusiveMinimum", "More than"), ("maximum", "At most")):
        if key in item:
            parts.append(f"{word} {item[key]}.")
    return " ".join(part for part in parts if part)


def _names(item: Schema) -> list[str]:
    """The closed list of an enumeration, or of the elements of an array of such."""
    for inside in (item, item.get("items"), item.get("else")):
        if isinstance(inside, dict) and "anyOf" in inside:
            return [name for choice in inside["anyOf"] for name in choice.get("enum", ())]
    return []
