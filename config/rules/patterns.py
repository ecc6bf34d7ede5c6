"""GW607 and GW608: patterns that match more than they were meant to, and patterns that take too long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.check import Node
from config.problem import quoted
from config.rules.base import calls, expressions, is_literal, members, place_in, texts
from config.rules.pattern_shape import is_catastrophic
from expr import tree
from expr.diagnostic import Code, Diagnostic, Severity, declare
from expr.functions import functions
from expr.java_pattern import PatternError
from expr.java_regex import check_pattern
from expr.source import Source, Span
from expr.types import PATTERN

if TYPE_CHECKING:
    from config.lint_files import Project

UNANCHORED = declare(
    Code(
        "GW607",
        "unanchored-pattern",
        "a pattern for paths or hosts that matches in the middle",
        "`find` looks for the pattern anywhere: `find(request.uri.path, '/admin')` is true of /public/admin too, and "
        "`find(request.uri.host, 'example.com')` of example.com.attacker.net. Begin the pattern with `^` (for a host, "
        "end it with `$` as well), or use matchesWithRegex.",
        severity=Severity.INFO,
        stops_load=False,
        bad='{"condition": "${find(request.uri.path, \'/admin\')}", "handler": "ReverseProxyHandler"}',
        good='{"condition": "${find(request.uri.path, \'^/admin\')}", "handler": "ReverseProxyHandler"}',
    )
)
CATASTROPHIC = declare(
    Code(
        "GW608",
        "catastrophic-pattern",
        "a pattern whose match can take exponential time",
        "A repetition inside a repetition can cut one text into pieces in ever so many ways, and a request that is "
        "made for it keeps the gateway busy until the time limit of matching, after which the pattern counts as not "
        "found. Let the inner part end with a character that it does not repeat itself, or make it possessive: "
        "`(?:\\w++\\s?)*`.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"condition": "${find(request.uri.path, \'^/([a-z]+)*$\')}", "handler": "ReverseProxyHandler"}',
        good='{"condition": "${find(request.uri.path, \'^(/[a-z]+)*$\')}", "handler": "ReverseProxyHandler"}',
    )
)
CODE = UNANCHORED
_KEY = re.compile(r"pattern|.*Pattern|patterns|.*Patterns|trigger", re.IGNORECASE)
_ANCHORED = re.compile(r"\^|\\A|.*(?<!\\)(?:\$|\\z)$|\(\?[a-z]+\)\^|\(\^", re.DOTALL)


def check(project: Project) -> Iterator[Diagnostic]:
    """Look at patterns in expressions, then at those in properties."""
    for _, node in project.objects():
        for expression, found in expressions(node):
            for call in calls(found):
                yield from _call(call, expression.text, node)
        for key, value, _ in members(node):
            if _KEY.fullmatch(key):
                for text in texts(value):
                    if is_literal(text) and _takes_too_long(text):
                        yield _catastrophic(text, text.source, text.span)


def _call(call: tree.Call, text: str, node: Node) -> Iterator[Diagnostic]:
    if call.name == "find" and len(call.arguments) == 2:
        subject, pattern = call.arguments
        if isinstance(pattern, tree.Literal) and isinstance(pattern.value, str):
            yield from _unanchored(subject, pattern, text, node)
    function = functions().get(call.name)
    for index, argument in enumerate(call.arguments if function is not None else ()):
        if not isinstance(argument, tree.Literal) or not isinstance(argument.value, str) or function is None:
            continue
        is_pattern = function.accepts(len(call.arguments)) and function.parameter(index).type is PATTERN
        if is_pattern and _takes_too_long(argument.value):
            yield _catastrophic(argument.value, *place_in(text, argument.span, node))


def _unanchored(subject: tree.Node, pattern: tree.Literal, text: str, node: Node) -> Iterator[Diagnostic]:
    what = text[subject.span.start : subject.span.end].replace(" ", "")
    if what not in ("request.uri.path", "request.uri.host") or _ANCHORED.match(pattern.value):
        return
    noun = what.rpartition(".")[2]
    message = f"{quoted(pattern.value)} matches anywhere in the {noun}"
    hint = "begin it with ^" if noun == "path" else "write ^ before it and $ behind it"
    yield Diagnostic(UNANCHORED, message, *place_in(text, pattern.span, node), hint)


def _takes_too_long(pattern: str) -> bool:
    try:
        return not check_pattern(pattern).translation.linear and is_catastrophic(pattern)
    except PatternError:  # told by the declaration or by the expression
        return False


def _catastrophic(pattern: str, source: Source, span: Span) -> Diagnostic:
    hint = "let the inner repetition end with a character that it does not repeat"
    return Diagnostic(CATASTROPHIC, f"a match of {quoted(pattern)} can take exponential time", source, span, hint)
