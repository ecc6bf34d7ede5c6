"""What conditions say about requests, for rules that compare them: alternatives of facts, and what implies what.

Sound rather than complete: a fact that is not understood implies only itself, and nothing is concluded from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TypeAlias

from config.types import Condition
from expr import EvaluationError, Template, tree

MOST_ALTERNATIVES = 32


@dataclass(frozen=True)
class Fact:
    """One thing that holds: what is looked at, how, and against what."""

    subject: str
    relation: str
    value: str
    positive: bool = True

    def implies(self, other: Fact) -> bool:
        """Does the other fact hold wherever this one does?"""
        if self == other:
            return True
        if self.subject != other.subject or not self.positive or not other.positive:
            return False
        if self.relation == "==":
            return _holds(other, self.value)
        mine, theirs = prefix(self), prefix(other)
        return bool(theirs is not None and whole_prefix(other) and mine is not None and mine.startswith(theirs))

    def excludes(self, other: Fact) -> bool:
        """Can the two never hold together?"""
        if self.subject != other.subject or not self.subject:
            return False
        if (self.relation, self.value) == (other.relation, other.value):
            return self.positive != other.positive
        if not self.positive or not other.positive:
            return False
        if self.relation == "==":
            return not _holds(other, self.value)
        if other.relation == "==":
            return not _holds(self, other.value)
        mine, theirs = prefix(self), prefix(other)
        if mine is None or theirs is None:
            return False
        return not (mine.startswith(theirs) or theirs.startswith(mine))


Facts: TypeAlias = frozenset[Fact]
"""What holds together."""


def alternatives(condition: Condition | None) -> list[Facts] | None:
    """The ways in which a condition can be true: none when it never is, one without facts when it always is.

    None when it cannot be told.
    """
    if condition is None:
        return [frozenset()]
    template = getattr(condition.expression, "template", None)
    if not isinstance(template, Template):
        return [frozenset()] if getattr(condition.expression, "value", None) is True else []
    if template.constant:
        try:
            return [frozenset()] if template() is True else []
        except EvaluationError:
            return []
    if not template.single:
        return None
    return _ways(template.expressions[0], positive=True, text=template.text)


def _ways(node: tree.Node, *, positive: bool, text: str) -> list[Facts] | None:
    if isinstance(node, tree.Unary) and node.operator == "not":
        return _ways(node.operand, positive=not positive, text=text)
    if isinstance(node, tree.Logic):
        parts = [_ways(operand, positive=positive, text=text) for operand in node.operands]
        if any(part is None for part in parts):
            return None
        known = [part for part in parts if part is not None]
        if isinstance(node, tree.Conjunction) is positive:
            combined = [frozenset().union(*choice) for choice in product(*known)]
            return combined if len(combined) <= MOST_ALTERNATIVES else None
        return [facts for part in known for facts in part]
    return [frozenset({_fact(node, positive=positive, text=text)})]


def _fact(node: tree.Node, *, positive: bool, text: str) -> Fact:
    if isinstance(node, tree.Call) and node.name in ("find", "matchesWithRegex") and len(node.arguments) == 2:
        subject, pattern = node.arguments
        if isinstance(pattern, tree.Literal) and isinstance(pattern.value, str):
            return Fact(shown(subject, text), node.name, pattern.value, positive)
    if isinstance(node, tree.Equality) and node.operators == ("==",):
        left, right = node.operands
        if isinstance(left, tree.Literal):
            left, right = right, left
        if isinstance(right, tree.Literal) and isinstance(right.value, str):
            return Fact(shown(left, text), "==", right.value, positive)
    if isinstance(node, tree.Path) and isinstance(node.steps[-1], tree.Method):
        last = node.steps[-1]
        name = last.key.value if isinstance(last.key, tree.Literal) else None
        if name == "startsWith" and len(last.arguments) == 1 and isinstance(last.arguments[0], tree.Literal):
            before = text[node.span.start : node.steps[-1].span.start].strip().removesuffix(".")
            return Fact(_spaceless(before), name, str(last.arguments[0].value), positive)
    return Fact("", _spaceless(text[node.span.start : node.span.end]), "", positive)


def shown(node: tree.Node, text: str) -> str:
    """The text of a part of an expression, so that two can be compared."""
    return _spaceless(text[node.span.start : node.span.end])


def _spaceless(text: str) -> str:
    return text if "'" in text or '"' in text else "".join(text.split())


@lru_cache(maxsize=4096)
def prefix(fact: Fact) -> str | None:
    """The characters with which the value begins wherever the fact holds; None when nothing is known."""
    if fact.relation == "startsWith":
        return fact.value
    if fact.relation not in ("find", "matchesWithRegex") or "|" in fact.value:
        return None
    pattern = fact.value
    if pattern.startswith("^"):
        pattern = pattern[1:]
    elif fact.relation == "find":
        return None
    literal, rest = _literal(pattern)
    return literal[:-1] if rest[:1] in ("*", "?", "{") and literal else literal


@lru_cache(maxsize=4096)
def whole_prefix(fact: Fact) -> bool:
    """Does the fact say nothing but how the value begins?"""
    if fact.relation == "startsWith":
        return True
    if fact.relation == "matchesWithRegex":
        return _literal(fact.value.removeprefix("^"))[1] in (".*", ".*$")
    return fact.value.startswith("^") and _literal(fact.value[1:])[1] in ("", ".*", ".*$")


def _literal(pattern: str) -> tuple[str, str]:
    """The literal characters at the beginning of a pattern, and what comes after them."""
    found: list[str] = []
    index = 0
    while index < len(pattern):
        char = pattern[index]
        if char == "\\" and pattern[index + 1 : index + 2] in tuple("./-_$^*+?()[]{}|\\"):
            found.append(pattern[index + 1])
            index += 2
        elif char in "\\^$.|?*+()[]{}":
            break
        else:
            found.append(char)
            index += 1
    return "".join(found), pattern[index:]


def _holds(fact: Fact, value: str) -> bool:
    """Does a fact hold for a value that is known?"""
    if fact.relation == "==":
        return fact.value == value
    if fact.relation == "startsWith":
        return value.startswith(fact.value)
    if fact.relation not in ("find", "matchesWithRegex"):
        return False
    from expr.java_pattern import PatternError
    from expr.java_regex import check_pattern

    try:
        pattern = check_pattern(fact.value)
        return bool(pattern.find(value) if fact.relation == "find" else pattern.matches(value))
    except (PatternError, EvaluationError):
        return False
