"""GW309: routes of one router with the same name or id, and names that are reserved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.codes import ROUTE_NOT_UNIQUE
from config.lint_files import File, Kind
from config.problem import quoted
from config.values import Map
from expr.diagnostic import Diagnostic, Label
from expr.source import Source, Span

if TYPE_CHECKING:
    from config.lint_files import Project

CODE = ROUTE_NOT_UNIQUE
RESERVED = "default"


def check(project: Project) -> Iterator[Diagnostic]:
    """Compare the routes of each router."""
    for file in project.files:
        if file.kind is Kind.ROUTE and file.reported:
            yield from _reserved(file)
    for routes in project.routers():
        yield from _repeated(routes, "id")
        yield from _repeated(routes, "name")


def _reserved(file: File) -> Iterator[Diagnostic]:
    for label, key in (("name", "name"), ("id", "_id")):
        if isinstance(file.document, Map) and file.document.get(key) == RESERVED:
            message = f'the route {label} "{RESERVED}" is reserved'
            yield Diagnostic(CODE, message, *file.document.at([key]), "give the route another one")


def _repeated(routes: list[File], label: str) -> Iterator[Diagnostic]:
    taken: dict[str, File] = {}
    # The router looks at the files in the order of their names: the later one is not loaded.
    for file in sorted(routes, key=lambda f: str(f.path)):
        value = file.route_id if label == "id" else file.route_name
        first = taken.setdefault(value, file)
        if first is not file and file.reported:
            message = f"the route {label} {quoted(value)} is taken by another route"
            other = Label(*_place(first, label), "it has it")
            hint = "give the route another one: this file is not loaded"
            yield Diagnostic(CODE, message, *_place(file, label), hint, labels=(other,))


def _place(file: File, label: str) -> tuple[Source, Span]:
    key = "_id" if label == "id" else "name"
    if isinstance(file.document, Map):
        source, span = file.document.at([key])
        return source, span if key in file.document else Span(span.start, span.start + 1)
    return file.source, Span(0, 0)
