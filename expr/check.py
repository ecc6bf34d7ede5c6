"""The checker: gives each part of a tree its type, folds what is constant, and finds what cannot work.

It is silent about what it does not know (`ANY`), and about what follows from a mistake that it has reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from expr import check_operators, check_paths, codes, tree
from expr.coerce import coerce
from expr.diagnostic import Code, Diagnostic
from expr.errors import EvaluationError, collected_warnings
from expr.functions import REMOVED, functions
from expr.java_pattern import PatternError
from expr.java_regex import check_pattern, check_replacement
from expr.known import NOTHING, UNKNOWN, VARIES, Known
from expr.reads import Collector
from expr.scope import IMPLICIT, Environment, Name
from expr.source import Source, Span
from expr.types import BOOLEAN, PATTERN, STRING, Type, join, type_of
from expr.words import article, close, count


class Checker:
    """Checks the expressions of one template; afterwards `known` has what it found out of each node."""

    def __init__(self, source: Source, environment: Environment, properties: Mapping[str, Any]) -> None:
        self.source = source
        self.environment = environment
        self.properties = properties
        self.known: dict[int, Known] = {}
        self.findings: list[Diagnostic] = []
        self.reads = Collector()

    def report(self, code: Code, message: str, span: Span, help: str = "") -> None:  # noqa: A002
        self.findings.append(Diagnostic(code, message, self.source, span, help))

    def check(self, node: tree.Node) -> Known:
        """What is known of a node; reports what is wrong in it."""
        known = _VISITORS[node.__class__](self, node)
        self.known[id(node)] = known
        return known

    def fold(self, span: Span, kind: Type, call: Callable[..., Any], *values: Any) -> Known:
        """The constant that a call gives; a failure is reported and left to the evaluation."""
        try:
            with collected_warnings() as warnings:
                value = call(*values)
        except EvaluationError as error:
            self.report(codes.ALWAYS_FAILS, f"this always fails: {error}", span)
            return Known(kind)
        except Exception as error:
            self.report(codes.ALWAYS_FAILS, f"this always fails ({type(error).__name__})", span)
            return Known(kind)
        for warning in warnings:
            self.report(codes.CONSTANT_WARNING, warning, span)
        return Known(type_of(value), value)

    def identifier(self, node: tree.Identifier) -> Known:
        name = node.name
        found: Name | None = IMPLICIT.get(name) or self.environment.names.get(name)
        if found is not None:
            self.reads.name(name, found.reads)
            return Known(found.type, VARIES, found.reads)
        if name in self.properties:
            value = self.properties[name]
            return Known(value) if isinstance(value, Type) else Known(type_of(value), value)
        if name in self.environment.missing:
            message = f"'{name}' is not in scope in {self.environment.title}: its value is null"
            self.report(codes.NOT_IN_SCOPE, message, node.span, self.environment.missing[name])
        else:
            names = [*self.environment.names, *IMPLICIT, *self.properties]
            message = f"unknown name '{name}': its value is null"
            hint = close(name, names) or f"in scope are {', '.join(names[:8])}, and heap properties"
            self.report(codes.UNKNOWN_NAME, message, node.span, hint)
        return NOTHING

    def call(self, node: tree.Call) -> Known:
        arguments = [self.check(argument) for argument in node.arguments]
        function = functions().get(node.name)
        if function is None:
            self._unknown_function(node)
            return UNKNOWN
        if not function.accepts(len(arguments)):
            message = f"'{node.name}' does not take {count(len(arguments))}"
            self.report(codes.ARGUMENT_COUNT, message, node.span, f"it is {function.signature}")
            return UNKNOWN
        if function.extension:
            self.report(codes.EXTENSION, f"'{node.name}' is an extension of Gatewright", node.name_span)
        before = len(self.findings)
        for index, (argument, known) in enumerate(zip(node.arguments, arguments, strict=True)):
            self.argument(known, function.parameter(index).type, argument.span, function.parameter(index).name)
        if function.pure and all(known.constant for known in arguments) and len(self.findings) == before:
            values = [coerce(known.value, function.parameter(i).type) for i, known in enumerate(arguments)]
            return self.fold(node.span, function.result, function.call, *values)
        if function.prepared is not None and len(self.findings) == before:
            self._prepare(node, function.prepared, arguments[-1])
        return Known(function.result)

    def _prepare(self, node: tree.Call, prepared: Callable[[str], Any], last: Known) -> None:
        if isinstance(last.value, str) and node.name not in ("find", "findGroups", "matchesWithRegex", "split"):
            try:
                prepared(last.value)
            except EvaluationError as error:
                self.report(codes.ALWAYS_FAILS, f"this always fails: {error}", node.arguments[-1].span)

    def _unknown_function(self, node: tree.Call) -> None:
        if node.name in REMOVED:
            message = f"function '{node.name}' does not exist in PingGateway 2026"
            self.report(codes.REMOVED_FUNCTION, message, node.name_span, f"use {REMOVED[node.name]}")
        else:
            hint = close(node.name, functions()) or "`gatewright explain` lists the functions"
            self.report(codes.UNKNOWN_FUNCTION, f"unknown function '{node.name}'", node.name_span, hint)

    def argument(self, known: Known, wanted: Type, span: Span, name: str) -> None:
        """Check an argument against the type of its parameter."""
        problem = check_operators.argument_problem(known.type, known.value, wanted)
        if problem:
            message = f"{problem} where parameter '{name}' needs {article(wanted)}"
            self.report(codes.ARGUMENT_TYPE, message, span)
        elif wanted is PATTERN and isinstance(known.value, str):
            self.pattern(known.value, span)

    def pattern(self, pattern: str, span: Span) -> None:
        """Check a literal pattern, pointing into it when its text is the pattern letter for letter."""
        try:
            check_pattern(pattern)
        except PatternError as error:
            inner = self.source.text[span.start + 1 : span.end - 1]
            if inner == pattern and error.offset < len(pattern):
                span = Span(span.start + 1 + error.offset, span.end - 1)
            message = f"invalid regular expression: {error.reason}"
            self.report(codes.PATTERN, message, span, "patterns are those of java.util.regex")

    def replacement(self, pattern: Any, replacement: Any, span: Span) -> None:
        """Check a literal replacement against a literal pattern."""
        try:
            check_replacement(replacement, check_pattern(pattern))
        except EvaluationError as error:
            self.report(codes.REPLACEMENT, str(error), span)
        except PatternError:
            pass  # reported where the pattern is

    def choice(self, node: tree.Choice) -> Known:
        condition = self.check(node.condition)
        check_operators.boolean_operand(self, node.condition, condition)
        then, otherwise = self.check(node.then), self.check(node.otherwise)
        truth = check_operators.truth(condition)
        if truth is not None:
            return then if truth else otherwise
        return Known(join(then.type, otherwise.type))

    def logic(self, node: tree.Logic) -> Known:
        decides = isinstance(node, tree.Disjunction)
        operands = [(operand, self.check(operand)) for operand in node.operands]
        for operand, known in operands:
            check_operators.boolean_operand(self, operand, known)
        for _, known in operands:
            truth = check_operators.truth(known)
            if truth is None:
                return Known(BOOLEAN)
            if truth is decides:
                return Known(BOOLEAN, decides)
        return Known(BOOLEAN, not decides)


def _literal(checker: Checker, node: tree.Literal) -> Known:
    del checker
    return Known(STRING if node.value.__class__ is str else type_of(node.value), node.value)


_VISITORS: dict[type, Callable[[Checker, Any], Known]] = {
    tree.Literal: _literal,
    tree.Identifier: Checker.identifier,
    tree.Call: Checker.call,
    tree.Choice: Checker.choice,
    tree.Conjunction: Checker.logic,
    tree.Disjunction: Checker.logic,
    tree.Unary: check_operators.unary,
    tree.Sum: check_operators.arithmetic,
    tree.Product: check_operators.arithmetic,
    tree.Comparison: check_operators.comparison,
    tree.Equality: check_operators.equality,
    tree.Path: check_paths.path,
}
