"""What rules share: how to walk the objects and texts of a project, and how to point into them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from config.check import Node
from config.declaration import is_comment
from config.types import is_expression
from config.values import List, Map, Text, Unknown, Value
from expr import Template, tree
from expr.diagnostic import Diagnostic
from expr.source import Source, Span

if TYPE_CHECKING:
    from config.check import Expression
    from config.lint_files import Project

Rule = Callable[["Project"], Iterable[Diagnostic]]

Member = tuple[str, Value, Map]
"""A name, its value, and the object that has it."""


def members(node: Node) -> list[Member]:
    """The properties of an object, nested ones too, without those of inline objects inside."""
    if node.members is None:
        node.members = list(_members(node))
    return node.members


def _members(node: Node) -> Iterator[Member]:
    for key, value in node.properties.items():
        if not is_comment(key) and not (node.inline and key in ("heap", "properties")):
            yield from _within(node, key, value, node.properties)


def _within(node: Node, key: str, value: Value, owner: Map) -> Iterator[Member]:
    yield key, value, owner
    if isinstance(value, Map):
        if not _is_object(node, value):
            for name, inner in value.items():
                if not is_comment(name):
                    yield from _within(node, name, inner, value)
    elif isinstance(value, List):
        for item in value:
            if isinstance(item, Map) and not _is_object(node, item):
                for name, inner in item.items():
                    if not is_comment(name):
                        yield from _within(node, name, inner, item)


def _is_object(node: Node, value: Map) -> bool:
    name = value.get("type")
    registry = node.scope.registry
    return isinstance(name, str) and (registry.knows(name) or name in registry.documented or name in registry.removed)


def texts(value: Value) -> list[Text]:
    """A text, or the texts of an array of them."""
    items = value if isinstance(value, List) else [value]
    return [item for item in items if isinstance(item, Text)]


def is_literal(value: object) -> bool:
    """Is it a text that stands for itself, known before the gateway runs?"""
    return isinstance(value, Text) and not isinstance(value, Unknown) and value.exact and not is_expression(value)


def key_place(owner: Map, key: str) -> tuple[Source, Span]:
    """Where a member's name stands."""
    return owner.key_at([key])


def value_place(owner: Map, key: str) -> tuple[Source, Span]:
    """Where a member's value stands."""
    return owner.at([key])


def expressions(node: Node) -> Iterator[tuple[Expression, tree.Node]]:
    """The trees of the expressions of an object, with the texts that hold them."""
    for expression in node.expressions:
        if isinstance(expression.compiled, Template):
            for found in expression.compiled.expressions:
                yield expression, found


def calls(node: tree.Node) -> Iterator[tree.Call]:
    """All calls of functions in an expression."""
    if isinstance(node, tree.Call):
        yield node
    for inner in tree.children(node):
        yield from calls(inner)


def place_in(text: str, span: Span, node: Node) -> tuple[Source, Span]:
    """The place in the file of a part of an expression's text."""
    if isinstance(text, Text):
        return text.source, text.locate(span)
    return node.declaration.place
