"""The pages of diagnostics, functions and contexts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from config.emit.layout import dumps
from config.emit.page import Block, Heading, Items, Page, Paragraph, Sample, Table, prose
from expr.diagnostic import Code
from expr.functions import Function
from expr.host import HostType, Method, Property, resolve
from expr.types import EnumType, ListType, MapType, Type

GROUPS = {
    "1": "reading",
    "2": "properties and their types",
    "3": "names and references",
    "4": "syntax of expressions",
    "5": "types and scope of expressions",
    "6": "security",
    "7": "compatibility",
    "8": "style",
    "9": "internal",
}
"""First digit of a code -> what the codes of its group are about."""


def group_of(code: Code) -> str:
    """What the group of a code is about."""
    return GROUPS.get(code.id[2:3], "other")


def code_page(code: Code) -> Page:
    """What a finding means, why it matters and what to write instead."""
    effect = "A configuration with it does not load." if code.stops_load else "A configuration with it loads."
    summary = code.summary[:1].upper() + code.summary[1:]
    blocks: list[Block] = [Paragraph(f"{summary}."), Paragraph(f"Severity: {code.severity.value}. {effect}")]
    blocks += prose(code.explanation)
    if code.optional:
        blocks.append(Paragraph(f"Reported only to those who select it: `gatewright lint --select {code.id}`."))
    for title, text in (("Reported", code.bad), ("Not reported", code.good)):
        if text:
            blocks += [Heading(title), *_example(text)]
    blocks.append(Paragraph(f"The comment `// gatewright: ignore[{code.id}]` switches it off for its line."))
    return Page(f"{code.id} {code.rule}", group_of(code), summary, tuple(blocks))


def _example(text: str) -> Iterator[Block]:
    """An example laid out, file by file when there are several."""
    try:
        value = json.loads(text)
    except ValueError:
        yield Sample(text, "text")
        return
    if isinstance(value, dict) and value and all("/" in name or name.endswith(".json") for name in value):
        for name, content in value.items():
            yield Paragraph(f"`{name}`:")
            yield Sample(content, "text") if isinstance(content, str) else Sample(dumps(content))
    else:
        yield Sample(_pretty(text))


def _pretty(text: str) -> str:
    """An example laid out; one that is no JSON, on purpose, is left alone."""
    try:
        return text if "\n" in text or _has_duplicates(text) else dumps(json.loads(text))
    except ValueError:
        return text


def _has_duplicates(text: str) -> bool:
    found: list[bool] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found.append(len(dict(pairs)) < len(pairs))
        return dict(pairs)

    json.loads(text, object_pairs_hook=members)
    return any(found)


def function_page(function: Function) -> Page:
    """How a function is called and what it gives."""
    blocks: list[Block] = [Sample(f"{function.signature}: {function.result.name}", "text"), *prose(function.doc)]
    if function.extension:
        blocks.append(Paragraph("An extension of Gatewright: PingGateway has no such function."))
    blocks += prose(function.notes)
    described = [p for p in function.parameters if p.doc]
    if described:
        rows = tuple((f"`{p.name}`", p.type.name, p.doc) for p in described)
        blocks += [Heading("Parameters"), Table(("Parameter", "Type", "Description"), rows)]
    if function.examples:
        lines = "\n".join(f"${{{text}}}  ->  {_shown(value)}" for text, value in function.examples)
        blocks += [Heading("Examples"), Sample(lines, "text")]
    return Page(function.name, "function", function.doc, tuple(blocks))


def _shown(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return str(value)


def host_page(name: str, kind: HostType, providers: Sequence[tuple[str, str]], *, context: bool = True) -> Page:
    """What expressions see of a context (`contexts.NAME`) or of another name in scope.

    `providers` are types with the place for which they provide the context.
    """
    if context:
        summary = f"`contexts.{name}` is the {kind.name}."
    else:
        summary = f"`{name}` in an expression: {_article(kind.name)}."
    blocks: list[Block] = [Paragraph(summary)]
    if providers:
        places = {"next": "for what follows it"}
        blocks.append(Items(tuple(f"Provided by {t} {places.get(p, f'for its `{p}`')}." for t, p in providers)))
    blocks += _members(kind, set())
    return Page(name, "context" if context else "name in expressions", summary, tuple(blocks))


def _article(noun: str) -> str:
    if noun == "any":
        return "of any type"
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _members(kind: HostType, seen: set[HostType], level: int = 2) -> Iterator[Block]:
    seen.add(kind)
    properties = kind.documented
    if kind.item is not None:
        yield Paragraph(f"It is looked into by key, as a map: a value is {_article(resolve(kind.item_type).name)}.")
    if properties:
        yield Heading("Properties", level)
        rows = tuple(_property_row(name, entry) for name, entry in sorted(properties.items()))
        yield _noted(("Property", "Type", "Notes"), rows)
    own = {name: methods for name, methods in kind.methods.items() if not _is_getter(name, kind)}
    if own:
        yield Heading("Methods", level)
        yield methods_table(own)
    if kind.open:
        yield Paragraph("It may have other properties, which are known at run time only.")
    inside = [resolve(entry.type) for entry in properties.values()]
    inside += [resolve(method.result) for methods in own.values() for method in methods]
    for item in map(_element, inside):
        if isinstance(item, HostType) and item not in seen and (item.documented or item.methods):
            seen.add(item)
            yield Heading(f"The {item.name}", 2)
            yield from _members(item, seen, 3)


def methods_table(table: Mapping[str, Iterable[Method]]) -> Table:
    """Methods with their parameters and results."""
    rows = tuple(
        (f"`{name}({', '.join(p.name for p in method.parameters)})`", resolve(method.result).name, method.doc)
        for name, methods in sorted(table.items())
        for method in methods
    )
    return _noted(("Method", "Result", "Notes"), rows)


def value_page(kind: str, table: Mapping[str, Iterable[Method]]) -> Page:
    """The methods of a kind of value: `string`, `list`, `map`."""
    summary = f"Methods of {_article(kind)} in an expression, as Java has them: `${{request.method.toLowerCase()}}`."
    return Page(kind, "kind of value", summary, (Paragraph(summary), methods_table(table)))


def method_page(name: str, kinds: Mapping[str, Iterable[Method]]) -> Page:
    """A method, for each kind of value that has it."""
    blocks: list[Block] = []
    for kind, methods in kinds.items():
        blocks += [Heading(f"Of {_article(kind)}"), methods_table({name: methods})]
    return Page(name, "method", f"A method of {', '.join(kinds)}.", tuple(blocks))


def _noted(header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Table:
    """A table, without its last column where that is empty."""
    return Table(header, rows) if any(row[-1] for row in rows) else Table(header[:-1], tuple(row[:-1] for row in rows))


def _element(kind: Type) -> Type:
    if isinstance(kind, ListType):
        return kind.element
    if isinstance(kind, MapType):
        return kind.value
    return kind


def _is_getter(name: str, kind: HostType) -> bool:
    """Is a method the Java spelling of a property, or inherited?"""
    if kind.base is not None and name in kind.base.methods:
        return True
    return any(name in (f"get{p[:1].upper()}{p[1:]}", f"is{p[:1].upper()}{p[1:]}") for p in kind.properties)


def _property_row(name: str, entry: Property) -> tuple[str, str, str]:
    kind = resolve(entry.type)
    notes = [entry.doc]
    if isinstance(kind, EnumType):
        notes.append(f"One of {', '.join(f'`{n}`' for n in kind.names)}.")
    if entry.set is not None:
        notes.append("May be written to.")
    if entry.deprecated:
        notes.append(f"Deprecated: {entry.deprecated}.")
    return f"`{name}`", kind.name, " ".join(note for note in notes if note)
