"""GW310: contexts that nothing upstream provides, found by following a request through chains, handlers and routes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from config.check import Checker, Expression, Node
from config.lint_files import Kind
from config.problem import listed, quoted
from config.registry import Registry
from config.values import Text
from expr import Template
from expr.diagnostic import Code, Diagnostic, Severity, declare

if TYPE_CHECKING:
    from config.lint_files import Project

CODE = declare(
    Code(
        "GW310",
        "context-not-provided",
        "an expression reads a context that nothing upstream in the chain provides",
        "A filter puts its context in front of what follows it: `contexts.oauth2TokenExchange` is there behind an "
        "OAuth2TokenExchangeFilter and in no other place, and a failure handler sees the failure only. Everywhere else "
        "the context, and all that is read of it, is null. Put the filter that provides it before the object that "
        "reads it.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"handler": {"type": "StaticResponseHandler", "config": {"status": 200, '
        '"entity": "${contexts.oauth2TokenExchange.issuedToken}"}}}',
        good='{"handler": {"type": "Chain", "config": {"filters": [{"type": "OAuth2TokenExchangeFilter", "config": '
        '{"endpoint": "https://as.example.com/token", "subjectToken": "${request.headers[\'X-Token\'][0]}"}}], '
        '"handler": {"type": "StaticResponseHandler", "config": {"status": 200, '
        '"entity": "${contexts.oauth2TokenExchange.issuedToken}"}}}}}',
    )
)

ALWAYS = frozenset(
    {"attributes", "client", "requestAudit", "accessAuditExtension", "session", "transactionId", "router", "root"}
)
"""Contexts that every request has."""
ANY = "*"
"""Provided by an object that the linter cannot read, or that may add what it likes."""
NAMES = frozenset[str]


@dataclass
class _Walk:
    """Reads by expression and name -> whether the context was there on one of the ways to the expression."""

    read: dict[tuple[int, str], bool] = field(default_factory=dict)
    places: dict[int, tuple[Checker, Expression]] = field(default_factory=dict)
    behind: dict[Node, NAMES] = field(default_factory=dict)
    """What the routes of a router see."""
    known: dict[tuple[Node, NAMES], NAMES] = field(default_factory=dict)
    """What was found out of an object for the same contexts before: objects are shared, and ways many."""

    def visit(self, node: Node, available: NAMES, path: tuple[Node, ...] = ()) -> NAMES:
        """Follow a request into an object; gives the contexts that what comes behind it sees in addition."""
        if node in path:
            return frozenset()
        key = (node, available)
        if key not in self.known:
            self.known[key] = self._visit(node, available, (*path, node))
        return self.known[key]

    def _visit(self, node: Node, available: NAMES, inside: tuple[Node, ...]) -> NAMES:
        cls = node.cls
        flow = available | {ANY} if node.incomplete else available
        for reference in node.references:
            if reference.property_name in cls.sequence:
                flow |= self.visit(reference.target, flow, inside)
        for reference in node.references:
            if reference.property_name not in cls.sequence:
                provided = frozenset(cls.provides.get(reference.property_name, ()))
                unknown = frozenset((ANY,)) if node.incomplete else frozenset()
                self.visit(reference.target, available | provided | unknown, inside)
        # Its own expressions are evaluated behind its sequence: a login request sees what the credentials filter found.
        self._note(node, flow | frozenset(cls.provides.get("self", ())))
        if cls.holds_routes:
            self.behind[node] = self.behind.get(node, frozenset()) | flow
        return (flow - available) | frozenset(cls.provides.get("next", ()))

    def _note(self, node: Node, available: NAMES) -> None:
        for expression in node.expressions:
            if not isinstance(expression.compiled, Template) or expression.side is None:
                continue
            for name in expression.compiled.reads.contexts:
                key = (id(expression), name)
                there = name in available or ANY in available
                self.read[key] = self.read.get(key, False) or there
                self.places[id(expression)] = (node.scope, expression)


def check(project: Project) -> Iterable[Diagnostic]:
    """Follow requests through config.json, then from its routers into their routes, and so on."""
    walk = _Walk()
    reported: set[Checker] = set()
    for file, checker in project.checked():
        if file.reported and file.kind in (Kind.CONFIG, Kind.ROUTE):
            reported.add(checker)
        if checker.root is not None:
            # A route that is linted alone may stand behind anything, so only its own chains are known.
            walk.visit(checker.root, walk.behind.get(file.router, ALWAYS) if file.router is not None else ALWAYS)
    yield from _missing(walk, reported)


def _missing(walk: _Walk, reported: set[Checker]) -> Iterator[Diagnostic]:
    for (expression_id, name), there in walk.read.items():
        checker, expression = walk.places[expression_id]
        if there or name == ANY or checker not in reported or not isinstance(expression.text, Text):
            continue
        start = expression.text.find(name)
        span = expression.text.locate((start, start + len(name))) if start >= 0 else expression.text.span
        message = f"nothing before this object provides the context {quoted(name)}, so it is null"
        yield Diagnostic(CODE, message, expression.text.source, span, _help(name, checker.registry))


def _help(name: str, registry: Registry) -> str:
    providers = providers_of(name, registry)
    if not providers:
        return "no object type provides it"
    return f"put the object behind {'one of ' if len(providers) > 1 else ''}{listed(providers)}"


def providers_of(name: str, registry: Registry) -> list[str]:
    """Types that provide a context to what follows them, or to a handler of theirs."""
    found = set(registry.contexts.get(name, ()))
    if not found:
        for type_name in registry.names():
            cls = registry.find(type_name)
            if cls is not None and any(name in contexts for contexts in cls.provides.values()):
                found.add(type_name)
    return sorted(found)
