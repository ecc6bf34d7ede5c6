"""Shows how a template comes to its value: each sub-expression with its type and what it gave.

A second compilation of the template, with an observer behind each node; the one that serves requests has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from expr import tree
from expr.building import Work
from expr.compile import Emitter, write_template
from expr.errors import EvaluationError
from expr.source import Span
from expr.template import Template
from expr.types import STRING


@dataclass(frozen=True)
class Explanation:
    """A part of a template: its text, the type that the checker knows, and what it gave."""

    text: str
    span: Span
    type: str
    evaluated: bool
    """False for what was not needed: the branch not chosen, what follows a deciding operand or an error."""
    value: Any
    problem: str
    """Why the value is null, when that is an error or a wrong type."""
    children: tuple[Explanation, ...] = ()

    def walk(self, level: int = 0) -> Iterator[tuple[int, Explanation]]:
        """The part and all below it, with their levels."""
        yield level, self
        for child in self.children:
            yield from child.walk(level + 1)


def explain(template: Template, *parameters: Any) -> Explanation:
    """Evaluate a template once and say what each part of it gave."""
    work = template.checked
    if not isinstance(work, Work):
        return Explanation(template.text, Span(0, len(template.text)), STRING.name, True, template.text, "")
    observed: dict[int, Any] = {}
    emitter = Emitter(work.checker, observed.__setitem__)
    write_template(emitter, work.parts, template.expects, lambda value: value if not template.mismatch(value) else None)
    problem, value = "", None
    try:
        value = emitter.function(template.environment.parameters)(*parameters)
    except EvaluationError as error:
        problem = str(error)
    values = {id(node): observed[number] for number, node in enumerate(emitter.nodes) if number in observed}
    children = tuple(_part(template, work, node, values) for node in template.expressions)
    if template.single and children[0].evaluated:
        problem = problem or template.mismatch(children[0].value)
    elif template.constant and not problem:
        problem = template.mismatch(work.value)
    return Explanation(template.text, Span(0, len(template.text)), template.type.name, True, value, problem, children)


def _part(template: Template, work: Work, node: tree.Node, values: dict[int, Any]) -> Explanation:
    known = work.checker.known[id(node)]
    value = known.value if known.constant else values.get(id(node))
    evaluated = known.constant or id(node) in values
    inner = [child for child in tree.children(node) if not _is_name(node, child)]
    children = tuple(_part(template, work, child, values) for child in inner)
    start = node.span.start
    text = template.text[start : node.span.end]
    return Explanation(text, node.span, known.type.name, evaluated, value, "", children)


def _is_name(node: tree.Node, child: tree.Node) -> bool:
    return isinstance(node, tree.Step) and child is node.key and isinstance(child, tree.Literal)
