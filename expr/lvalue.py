"""Expressions that name a place to write to: `${attributes.user}`, `${request.headers['X']}`.

Writing what cannot be written is no error: nothing happens, and the log says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from expr import codes, tree
from expr.access import put
from expr.check import Checker
from expr.check_paths import find_property, host_of
from expr.compile import Emitter
from expr.diagnostic import Diagnostic, DiagnosticError
from expr.errors import EvaluationError, warn
from expr.parse import parse
from expr.reads import Reads
from expr.scope import Environment
from expr.source import Source, Span
from expr.split import failure, split
from expr.types import Type


class LValue:
    """A compiled place. `set(value, *parameters)` writes to it."""

    __slots__ = ("_locate", "environment", "findings", "reads", "text", "type")

    def __init__(self, text: str, environment: Environment, checker: Checker, node: tree.Node) -> None:
        self.text = text
        self.environment = environment
        self.type: Type = checker.known[id(node)].type
        self.reads: Reads = checker.reads.result()
        self.findings: tuple[Diagnostic, ...] = tuple(checker.findings)
        self._locate = _locator(checker, node, environment)

    def set(self, value: Any, *parameters: Any) -> bool:
        """Write a value without converting it; false when nothing was written, which the log explains."""
        if self._locate is None:
            reason = "it is no place to write to"
        else:
            try:
                reason = put(*self._locate(*parameters), value)
            except EvaluationError as error:
                reason = str(error)
        if reason:
            warn(f"{self.text}: nothing is written: {reason}")
        return not reason

    def __repr__(self) -> str:
        return f"LValue({self.text!r})"


def compile_lvalue(text: str, environment: Environment, properties: Mapping[str, object] | None = None) -> LValue:
    """Compile a place to write to; raises DiagnosticError when the text is not one expression."""
    parts = split(text)
    if len(parts) != 1 or parts[0].text is not None:
        message = "a target is one expression and nothing else"
        raise failure(text, codes.TARGET, message, 0, len(text), "such as ${attributes.name}")
    node = parse(text, parts[0].start, parts[0].end)
    checker = Checker(Source("<expression>", text), environment, properties or {})
    checker.check(node)
    if any(finding.code.stops_load for finding in checker.findings):
        raise DiagnosticError(checker.findings)
    _check_target(checker, node)
    return LValue(text, environment, checker, node)


def _check_target(checker: Checker, node: tree.Node) -> None:
    hint = "the last step has to be a property or an index: ${attributes.name}, ${request.headers['Name']}"
    if not isinstance(node, tree.Path) or not isinstance(node.steps[-1], tree.Property):
        checker.report(codes.NOT_WRITABLE, "this is no place to write to: nothing happens", node.span, hint)
        return
    before = node.steps[-2] if len(node.steps) > 1 else node.base
    base, key = checker.known[id(before)], checker.known[id(node.steps[-1].key)]
    published = host_of(base.type)
    if published is None or not isinstance(key.value, str):
        return
    entry = find_property(base.type, key.value)
    if (entry.set if entry is not None else published.set_item or published.open) is None:
        message = f"property '{key.value}' cannot be written: nothing happens"
        checker.report(codes.NOT_WRITABLE, message, Span(*node.steps[-1].key.span))


def _locator(checker: Checker, node: tree.Node, environment: Environment) -> Callable[..., tuple[Any, Any]] | None:
    if not isinstance(node, tree.Path) or not isinstance(node.steps[-1], tree.Property):
        return None
    emitter = Emitter(checker)
    base = emitter.steps(node, node.steps[:-1])
    emitter.line(f"return {base}, {emitter.emit(node.steps[-1].key)}")
    return emitter.function(environment.parameters)
