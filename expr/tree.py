"""The tree of an expression: frozen classes, each with its span in the text of the template.

`depth` counts nesting below a node. The parser bounds it, so that whatever walks a tree may recurse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from expr.source import Span


@dataclass(frozen=True, eq=False)
class Node:
    __slots__ = ("depth", "span")
    span: Span
    depth: int


@dataclass(frozen=True, eq=False)
class Literal(Node):
    """A string, an integer, a double, a boolean or null."""

    __slots__ = ("value",)

    value: Any


@dataclass(frozen=True, eq=False)
class Identifier(Node):
    __slots__ = ("name",)
    name: str


@dataclass(frozen=True, eq=False)
class Call(Node):
    """A function call."""

    __slots__ = ("arguments", "name", "name_span")

    name: str
    name_span: Span
    arguments: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Unary(Node):
    """`not`, `-` or `empty` and its operand."""

    __slots__ = ("operand", "operator")

    operator: str
    operand: Node


@dataclass(frozen=True, eq=False)
class Chain(Node):
    """Operands with operators of one level between them, read from the left."""

    __slots__ = ("operands", "operators")

    operands: tuple[Node, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Equality(Chain):
    __slots__ = ()


@dataclass(frozen=True, eq=False)
class Comparison(Chain):
    __slots__ = ()


@dataclass(frozen=True, eq=False)
class Sum(Chain):
    __slots__ = ()


@dataclass(frozen=True, eq=False)
class Product(Chain):
    __slots__ = ()


@dataclass(frozen=True, eq=False)
class Logic(Node):
    """Operands that are tried from the left until one decides."""

    __slots__ = ("operands",)

    operands: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Conjunction(Logic):
    __slots__ = ()


@dataclass(frozen=True, eq=False)
class Disjunction(Logic):
    __slots__ = ()


@dataclass(frozen=True, eq=False)
class Choice(Node):
    """`condition ? then : otherwise`."""

    __slots__ = ("condition", "otherwise", "then")

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, eq=False)
class Step(Node):
    """One access on a value. `key` is an expression, or a literal string for a name after a dot."""

    __slots__ = ("key",)

    key: Node


@dataclass(frozen=True, eq=False)
class Property(Step):
    """`.name` or `[key]`."""

    __slots__ = ()


@dataclass(frozen=True, eq=False)
class Method(Step):
    """`.name(arguments)` or `[key](arguments)`."""

    __slots__ = ("arguments",)

    arguments: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Path(Node):
    """A value and the steps from it to another."""

    __slots__ = ("base", "steps")

    base: Node
    steps: tuple[Step, ...]


def children(node: Node) -> tuple[Node, ...]:
    """The expressions directly inside a node, in the order of the text."""
    match node:
        case Call() | Method():
            inner = node.arguments
            return (node.key, *inner) if isinstance(node, Method) else inner
        case Unary():
            return (node.operand,)
        case Chain() | Logic():
            return node.operands
        case Choice():
            return (node.condition, node.then, node.otherwise)
        case Property():
            return (node.key,)
        case Path():
            return (node.base, *node.steps)
        case _:
            return ()
