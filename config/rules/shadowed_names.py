"""GW313: names that hide objects of the files around."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.lint_files import Kind
from config.problem import quoted
from expr.diagnostic import Code, Diagnostic, Label, Severity, declare

if TYPE_CHECKING:
    from config.lint_files import Project

CODE = declare(
    Code(
        "GW313",
        "shadowed-name",
        "an object that hides one of the same name in a file around it",
        "Objects of this file get this one, those of the file around it the other: the same name means two things. "
        "Give it another name. To replace a default object (`ForgeRockClientHandler`, `capture`) is what they are "
        "there for, and is no finding.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"config.json": {"handler": {"type": "Router"}, "heap": [{"name": "Api", "type": "ClientHandler"}]}, '
        '"routes/a.json": {"heap": [{"name": "Api", "type": "ReverseProxyHandler"}], "handler": "Api"}}',
        good='{"config.json": {"handler": {"type": "Router"}, "heap": [{"name": "Api", "type": "ClientHandler"}]}, '
        '"routes/a.json": {"handler": "Api"}}',
    )
)


def check(project: Project) -> Iterator[Diagnostic]:
    """Compare the heap of each file with those around it, the default objects left out."""
    for file, checker in project.checked(Kind.ROUTE):
        if not file.reported or file.around is None:
            continue
        for name, node in checker.nodes.items():
            for scope in checker.scopes():
                if scope is not checker and scope.parent is not None and name in scope.nodes:
                    label = Label(*scope.nodes[name].declaration.place, "the object that is hidden")
                    message = f"the object {quoted(name)} hides one of {label.source.name}"
                    yield Diagnostic(CODE, message, *node.declaration.place, "give it another name", labels=(label,))
                    break
