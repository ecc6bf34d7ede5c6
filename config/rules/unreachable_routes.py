"""GW314: routes that no request gets to, because earlier ones take all of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from config.lint_files import File
from config.problem import quoted
from config.rules.conditions import Facts, alternatives, prefix, whole_prefix
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
"""Conditions before it, beyond plain beginnings of paths, that a condition is compared with."""


def check(project: Project) -> Iterator[Diagnostic]:
    """Compare each route with those that its router tries before it."""
    for routes in project.routers():
        known = [(file, found) for file in routes if (found := _alternatives(file)) is not None]
        yield from _covered(known)


def _covered(routes: list[tuple[File, list[Facts]]]) -> Iterator[Diagnostic]:
    taken = _Taken()
    for file, mine in routes:
        earlier = [taken.by(way) for way in mine]
        first = next(iter(earlier), None)
        if first is not None and all(earlier) and file.reported:
            yield _finding(file, first)
        for way in mine:
            taken.add(way, file)


@dataclass
class _Taken:
    """The requests that earlier routes take; routes that only look at how a path begins are found by that."""

    same: dict[Facts, File] = field(default_factory=dict)
    prefixes: dict[tuple[str, str], File] = field(default_factory=dict)
    others: list[tuple[Facts, File]] = field(default_factory=list)

    def add(self, way: Facts, file: File) -> None:
        self.same.setdefault(way, file)
        only = next(iter(way)) if len(way) == 1 else None
        if only is not None and only.positive and whole_prefix(only) and (begins := prefix(only)) is not None:
            self.prefixes.setdefault((only.subject, begins), file)
        else:
            self.others.append((way, file))

    def by(self, way: Facts) -> File | None:
        """An earlier route that takes all requests for which these facts hold."""
        found = self.same.get(frozenset()) or self.same.get(way)
        for fact in way if found is None and self.prefixes else ():
            begins = (fact.value if fact.relation == "==" else prefix(fact)) if fact.positive else None
            for end in range(len(begins or "") + 1):
                found = found or self.prefixes.get((fact.subject, (begins or "")[:end]))
        if found is not None:
            return found
        for other, file in self.others[-MOST_COMPARED:]:
            if all(any(fact.implies(wanted) for fact in way) for wanted in other):
                return file
        return None


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
