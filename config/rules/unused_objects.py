"""GW312: heap objects that nothing refers to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.check import Checker, Node
from config.declaration import Decorator
from config.lint_files import File, Kind
from config.problem import quoted
from expr.diagnostic import Code, Diagnostic, Severity, declare

if TYPE_CHECKING:
    from config.lint_files import Project

CODE = declare(
    Code(
        "GW312",
        "unused-object",
        "a heap object that nothing refers to",
        "It is built all the same, and a fault in it keeps the file from loading. Refer to it, or remove it; put an "
        "underscore in front of `name` and `type` and leave it outside of the heap to keep it as a remark.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"heap": [{"name": "Slow", "type": "ClientHandler", "config": {"soTimeout": "1 minute"}}], '
        '"handler": "ClientHandler"}',
        good='{"heap": [{"name": "Slow", "type": "ClientHandler", "config": {"soTimeout": "1 minute"}}], '
        '"handler": "Slow"}',
    )
)
SEEN_BY_NAME = frozenset(
    {"ApiProtectionFilter", "IssuerRepository", "MetricsProtectionFilter", "Session", "StudioProtectionFilter"}
)
"""Objects that the gateway itself looks up by these names."""
SEEN_BY_TYPE = frozenset({"Issuer"})
"""Objects that are found by what they hold: an issuer by the domains that it supports."""


def check(project: Project) -> Iterator[Diagnostic]:
    """Follow references from the files themselves; what they do not reach is unused."""
    reached = _reached(project)
    for file, checker in project.checked(Kind.CONFIG, Kind.ROUTE, Kind.ADMIN):
        if not file.reported or _others_may_use(project, file, checker):
            continue
        written = _written_names(checker)
        for name, node in checker.nodes.items():
            if node not in reached and name not in written and not _is_known_to_all(node, name, checker):
                message = f"nothing refers to the object {quoted(name)}"
                hint = "refer to it, or remove it"
                yield Diagnostic(CODE, message, *node.declaration.place, hint)


def _reached(project: Project) -> set[Node]:
    found: set[Node] = set()
    ways = [checker.root for _, checker in project.checked() if checker.root is not None]
    ways += [node for _, checker in project.checked() for node in checker.nodes.values() if _is_default(node, checker)]
    ways += [
        scope.nodes[name]
        for _, checker in project.checked()
        for name in checker.used
        for scope in checker.scopes()
        if name in scope.nodes
    ]
    while ways:
        node = ways.pop()
        if node not in found:
            found.add(node)
            ways.extend(reference.target for reference in node.references)
    return found


def _others_may_use(project: Project, file: File, checker: Checker) -> bool:
    """Are there files below this one that are not linted with it?"""
    if file.kind is Kind.ADMIN:
        return False
    below = any(other.around is file for other in project.files)
    leads = any(node.cls.holds_routes or node.incomplete for node in checker.objects)
    unread = any(other.checker is None for other in project.files)
    return leads and (not below or unread or project.base is None)


def _written_names(checker: Checker) -> set[str]:
    """Names in texts of expressions and of objects that cannot be followed: scripts get objects by their names."""
    return {
        name
        for node in checker.objects
        for expression in node.expressions
        for name in checker.nodes
        if name in expression.text
    }


def _is_default(node: Node, checker: Checker) -> bool:
    """Does it take the place of an object that others refer to without saying so?"""
    name = node.declaration.name
    return any(name in scope.nodes for scope in checker.scopes() if scope is not checker)


def _is_known_to_all(node: Node, name: str, checker: Checker) -> bool:
    seen = name in SEEN_BY_NAME or node.declaration.type_name in SEEN_BY_TYPE
    return seen or (issubclass(node.cls, Decorator) and name in checker.used)
