"""GW314: routes that no request gets to, because earlier ones take all of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.lint_files import File
from config.problem import quoted
from config.rules.conditions import Facts, alternatives
from config.types import Condition
from config.values import Map
from expr.diagnostic import Code, Diagnostic, Label, Severity, declare
from expr.source import Source, Span

if TYPE_CHECKING:
    from config.lint_files import Project

CODE = declare(
    Code(
        "GW314",
        "unreachable-route",
        "a route that can never be reached, because an earlier one takes all of its requests",
        "A router tries its routes in the order of their names and gives the request to the first whose condition "
        "holds. Name the more special route so that it comes first, or narrow the condition of the other.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"routes/10-app.json": {"condition": "${find(request.uri.path, \'^/app\')}", '
        '"handler": "ClientHandler"}, '
        '"routes/20-login.json": {"condition": "${find(request.uri.path, \'^/app/login\')}", '
        '"handler": "ClientHandler"}}',
        good='{"routes/20-app.json": {"condition": "${find(request.uri.path, \'^/app\')}", '
        '"handler": "ClientHandler"}, '
        '"routes/10-login.json": {"condition": "${find(request.uri.path, \'^/app/login\')}", '
        '"handler": "ClientHandler"}}',
    )
)
MOST_COMPARED = 200
"""Routes before it that a route is compared with; one that takes everything is found in any number."""


def check(project: Project) -> Iterator[Diagnostic]:
    """Compare each route with those that its router tries before it."""
    for routes in project.routers():
        known = [(file, found) for file in routes if (found := _alternatives(file)) is not None]
        yield from _covered(known)


def _covered(routes: list[tuple[File, list[Facts]]]) -> Iterator[Diagnostic]:
    catching: File | None = None
    equal: dict[frozenset[Facts], File] = {}
    for index, (file, mine) in enumerate(routes):
        earlier = catching or equal.setdefault(frozenset(mine), file)
        if earlier is file and mine:
            others = routes[max(0, index - MOST_COMPARED) : index]
            earlier = next((other for other, theirs in others if _covers(theirs, mine)), file)
        if earlier is not file and mine and file.reported:
            yield _finding(file, earlier)
        if frozenset() in mine and catching is None:
            catching = file


def _covers(theirs: list[Facts], mine: list[Facts]) -> bool:
    """Does each way in which mine is true make one of theirs true?"""
    return all(
        any(all(any(fact.implies(wanted) for fact in way) for wanted in other) for other in theirs) for way in mine
    )


def _alternatives(file: File) -> list[Facts] | None:
    root = file.checker.root if file.checker is not None else None
    if root is None or root.instance is None:
        return None
    condition = getattr(root.instance, "condition", None)
    return alternatives(condition) if isinstance(condition, Condition) else [frozenset()]


def _finding(file: File, earlier: File) -> Diagnostic:
    label = Label(*_place(earlier), "this condition holds for all of them")
    message = f"no request gets to this route: {quoted(earlier.route_name)} comes before it and takes them all"
    return Diagnostic(CODE, message, *_place(file), "give it a name that sorts before the other", labels=(label,))


def _place(file: File) -> tuple[Source, Span]:
    if isinstance(file.document, Map):
        for key in ("condition", "name"):
            if key in file.document:
                return file.document.at([key])
        return file.source, Span(file.document.span.start, file.document.span.start + 1)
    return file.source, Span(0, 0)
