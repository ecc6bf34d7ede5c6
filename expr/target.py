"""Checks and compiles places to write to: the half of expr.lvalue that needs the parser."""

from __future__ import annotations

from collections.abc import Mapping

from expr import codes, tree
from expr.check import Checker
from expr.check_paths import find_property, host_of
from expr.compile import Emitter
from expr.diagnostic import DiagnosticError
from expr.parse import parse
from expr.scope import Environment
from expr.source import Source
from expr.split import failure, split


class _Checked:
    def __init__(self, checker: Checker, node: tree.Node, environment: Environment) -> None:
        self.type = checker.known[id(node)].type
        self.reads = checker.reads.result()
        self.findings = tuple(checker.findings)
        self.locate = None
        if isinstance(node, tree.Path) and isinstance(node.steps[-1], tree.Property):
            emitter = Emitter(checker)
            base = emitter.steps(node, node.steps[:-1])
            emitter.line(f"return {base}, {emitter.emit(node.steps[-1].key)}")
            self.locate = emitter.function(environment.parameters)


def check_target(text: str, environment: Environment, properties: Mapping[str, object]) -> _Checked:
    """The place that a text names; raises DiagnosticError."""
    parts = split(text)
    if len(parts) != 1 or parts[0].text is not None:
        message = "a target is one expression and nothing else"
        raise failure(text, codes.TARGET, message, (0, len(text)), "such as ${attributes.name}")
    node = parse(text, parts[0].start, parts[0].end)
    checker = Checker(Source("<expression>", text), environment, properties)
    checker.check(node)
    if any(finding.code.stops_load for finding in checker.findings):
        raise DiagnosticError(checker.findings)
    _check(checker, node)
    return _Checked(checker, node, environment)


def _check(checker: Checker, node: tree.Node) -> None:
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
        checker.report(codes.NOT_WRITABLE, message, node.steps[-1].key.span)
