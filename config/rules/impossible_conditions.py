"""GW315: conditions that no request satisfies."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from config.check import Node
from config.rules.conditions import Fact, Facts, alternatives, prefix
from config.types import Condition, Literal, Runtime
from config.values import Text
from expr.diagnostic import Code, Diagnostic, Severity, declare
from expr.source import Source, Span

if TYPE_CHECKING:
    from config.lint_files import Project

CODE = declare(
    Code(
        "GW315",
        "impossible-condition",
        "a condition that no request satisfies",
        "What it guards never runs. A path begins with a slash and holds neither the query nor the host; methods are "
        "written in capitals; and one value cannot be two things at once.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"condition": "${find(request.uri.path, \'^home\')}", "handler": "ClientHandler"}',
        good='{"condition": "${find(request.uri.path, \'^/home\')}", "handler": "ClientHandler"}',
    )
)


def check(project: Project) -> Iterator[Diagnostic]:
    """Look at the conditions of routes, bindings and filters."""
    for _, node in project.objects():
        if node.instance is not None:
            for condition in _conditions(node.instance):
                if (reason := _impossible(condition)) and (place := _place(node, condition)) is not None:
                    yield Diagnostic(CODE, f"no request satisfies this condition: {reason[0]}", *place, reason[1])


def _conditions(value: Any) -> Iterator[Condition]:
    if isinstance(value, Condition):
        yield value
    elif isinstance(value, BaseModel):
        for inner in value.__dict__.values():
            yield from _conditions(inner)
    elif isinstance(value, list):
        for item in value:
            yield from _conditions(item)


def _impossible(condition: Condition) -> tuple[str, str] | None:
    """Why, and what to write; None for a condition that may hold, or that says plainly `false`."""
    if isinstance(condition.expression, Literal) or not isinstance(condition.expression, Runtime):
        return None
    if condition.expression.template.constant:
        return None  # somebody switched it off on purpose, or the type is wrong, which is told elsewhere
    ways = alternatives(condition)
    if not ways:
        return None
    reasons = [_contradiction(way) for way in ways]
    return reasons[0] if all(reasons) else None


def _contradiction(way: Facts) -> tuple[str, str] | None:
    for fact in sorted(way, key=lambda f: f.value):
        if reason := _never(fact):
            return reason
    for one, other in combinations(sorted(way, key=lambda f: (f.subject, f.value)), 2):
        if one.excludes(other):
            return f"{one.subject or one.value} cannot be both", "write or in place of and, or drop one of the two"
    return None


def _never(fact: Fact) -> tuple[str, str] | None:
    """What is never true of a request, whatever it is."""
    if not fact.positive:
        return None
    if fact.subject == "request.method" and fact.relation == "==" and fact.value != fact.value.upper():
        return f"no method is spelt {fact.value}", f"write '{fact.value.upper()}'"
    if fact.subject != "request.uri.path":
        return None
    begins = fact.value if fact.relation == "==" else prefix(fact)
    if begins and not begins.startswith(("/", "*")):
        return "a path begins with a slash", f"write '/{begins}...'" if fact.relation != "==" else f"write '/{begins}'"
    if fact.relation == "==" and "?" in fact.value:
        return "a path does not hold the query", "compare request.uri.query as well"
    return None


def _place(node: Node, condition: Condition) -> tuple[Source, Span] | None:
    text = getattr(condition.expression, "template").text  # noqa: B009 - told to be there above
    for expression in node.expressions:
        if expression.text == text and isinstance(expression.text, Text):
            return expression.text.source, expression.text.span
    return None
