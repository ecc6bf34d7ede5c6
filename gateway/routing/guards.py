"""What the condition of a route implies about a request, read from its expression: the guards of the route index.

A guard is necessary, not sufficient: a request that fails it cannot satisfy the condition, one that passes it may. What
cannot be analysed gives no guard, and its route stays a candidate for every request.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from expr import tree

Alternatives: TypeAlias = frozenset[str] | None
"""Any of these, or None for no restriction."""

_SAFE_PATTERN = re.compile(
    r"""(?: [A-Za-z0-9_/\-.,:;=@%~!'"<>&\#\ ^$|()*?+]      # literals, anchors, alternatives, groups, quantifiers
        | \\[dDwWsSzA./\-_^$*+?()\[\]{}|]           # classes and escapes that mean the same in both dialects
        | \{[0-9]{1,3}(?:,[0-9]{0,3})?\}
        | \[\^?(?:[^\[\]\\&^]|\\[dDwWsS./\-_^$*+?()\[\]{}|])+\]
    )*""",
    re.VERBOSE,
)
_UNSAFE = re.compile(r"[*+?}]\+|\(\?(?![:i)])|\(\?i(?!\))")
"""Possessive quantifiers, and groups other than `(?:` and `(?i)`, which re2 reads in another way or refuses."""


@dataclass(frozen=True)
class Guard:
    """A conjunction: the path matches one of the patterns, and method and host are among those named."""

    paths: Alternatives = None
    methods: Alternatives = None
    hosts: Alternatives = None

    def both(self, other: Guard) -> Guard:
        """What holds when both hold; of two path guards the first is kept, which is weaker and still true."""
        return Guard(
            self.paths if self.paths is not None else other.paths,
            _intersection(self.methods, other.methods),
            _intersection(self.hosts, other.hosts),
        )

    def either(self, other: Guard) -> Guard:
        """What holds when one of them holds."""
        return Guard(
            _union(self.paths, other.paths), _union(self.methods, other.methods), _union(self.hosts, other.hosts)
        )


ANYTHING = Guard()


def guard(node: tree.Node) -> Guard:
    """What a condition implies."""
    match node:
        case tree.Conjunction():
            found = ANYTHING
            for operand in node.operands:
                found = found.both(guard(operand))
            return found
        case tree.Disjunction():
            first, *rest = map(guard, node.operands)
            for other in rest:
                first = first.either(other)
            return first
        case tree.Call(name="find" | "matchesWithRegex"):
            return _match(node)
        case tree.Equality():
            return _equality(node)
        case tree.Path():
            return _starts_with(node)
        case _:
            return ANYTHING


def _match(node: tree.Call) -> Guard:
    subject, pattern = node.arguments
    text = pattern.value if isinstance(pattern, tree.Literal) else None
    if not is_path(subject) or not isinstance(text, str) or not _same_in_re2(text):
        return ANYTHING
    return Guard(paths=frozenset({text if node.name == "find" else f"^(?:{text})$"}))


def _equality(node: tree.Equality) -> Guard:
    if node.operators != ("==",):
        return ANYTHING
    left, right = node.operands
    if isinstance(left, tree.Literal):
        left, right = right, left
    if not isinstance(right, tree.Literal) or not isinstance(right.value, str):
        return ANYTHING
    if is_path(left):
        return Guard(paths=frozenset({f"^{re.escape(right.value)}$"})) if right.value.isascii() else ANYTHING
    if names(left) == ("request", "method"):
        return Guard(methods=frozenset({right.value}))
    if names(left) == ("request", "uri", "host"):
        return Guard(hosts=frozenset({right.value}))
    return ANYTHING


def _starts_with(node: tree.Path) -> Guard:
    last = node.steps[-1]
    if not isinstance(last, tree.Method) or not isinstance(last.key, tree.Literal) or last.key.value != "startsWith":
        return ANYTHING
    if names(node.base, node.steps[:-1]) != ("request", "uri", "path") or len(last.arguments) != 1:
        return ANYTHING
    prefix = last.arguments[0]
    if not isinstance(prefix, tree.Literal) or not isinstance(prefix.value, str) or not prefix.value.isascii():
        return ANYTHING
    return Guard(paths=frozenset({f"^{re.escape(prefix.value)}"}))


def is_path(node: tree.Node) -> bool:
    """Is it `request.uri.path`?"""
    return names(node) == ("request", "uri", "path")


def names(node: tree.Node, steps: tuple[tree.Step, ...] | None = None) -> tuple[str, ...]:
    """`request.uri.path` as its names; empty for anything else than an identifier and properties with literal names."""
    if isinstance(node, tree.Path):
        base, steps = node.base, node.steps if steps is None else steps
    else:
        base, steps = node, steps or ()
    if not isinstance(base, tree.Identifier):
        return ()
    found = [base.name]
    for step in steps:
        if not isinstance(step, tree.Property) or not isinstance(step.key, tree.Literal):
            return ()
        found.append(str(step.key.value))
    return tuple(found)


def _same_in_re2(pattern: str) -> bool:
    """Does a Java pattern surely mean the same to re2, on ASCII text without line ends?"""
    return _SAFE_PATTERN.fullmatch(pattern) is not None and _UNSAFE.search(pattern) is None and "&&" not in pattern


def _intersection(one: Alternatives, other: Alternatives) -> Alternatives:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _union(one: Alternatives, other: Alternatives) -> Alternatives:
    return None if one is None or other is None else one | other
