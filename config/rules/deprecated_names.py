"""GW707: heap objects that the gateway finds by a name, where it has a property for them today."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.lint_files import Kind
from config.problem import quoted
from expr.diagnostic import Code, Diagnostic, Severity, declare

if TYPE_CHECKING:
    from config.lint_files import Project

CODE = declare(
    Code(
        "GW707",
        "deprecated-object-name",
        "an object that the gateway finds by its name, where there is a property for it today",
        "Refer to the object in the property, and give it any name.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"temporaryStorage": "TemporaryStorage", "handler": "ClientHandler", "heap": '
        '[{"name": "Session", "type": "JwtSessionManager"}]}',
        good='{"temporaryStorage": "TemporaryStorage", "handler": "ClientHandler", '
        '"session": {"type": "JwtSessionManager"}}',
    )
)
INSTEAD = {
    Kind.CONFIG: {"Session": "session"},
    Kind.ADMIN: {
        "Session": "session",
        "ApiProtectionFilter": "apiProtectionFilter",
        "MetricsProtectionFilter": "metricsProtectionFilter",
        "StudioProtectionFilter": "studioProtectionFilter",
    },
}


def check(project: Project) -> Iterator[Diagnostic]:
    """Look for the names in the heaps of config.json and admin.json."""
    for file, checker in project.checked(Kind.CONFIG, Kind.ADMIN):
        for name, key in INSTEAD[file.kind or Kind.CONFIG].items():
            if name in checker.nodes and key not in checker.values and file.reported:
                message = f"to be found by the name {quoted(name)} is deprecated"
                place = checker.nodes[name].declaration.place
                yield Diagnostic(CODE, message, *place, f"refer to the object in the property {quoted(key)}")
