"""GW703 for types that this version does not run: what a type declares itself is told where its properties are read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.check import Unreadable
from config.codes import REMOVED_PROPERTY
from config.problem import quoted
from config.rules.base import key_place
from config.successor import MovedInto, Renamed
from expr.diagnostic import Diagnostic

if TYPE_CHECKING:
    from config.lint_files import Project

CODE = REMOVED_PROPERTY


def check(project: Project) -> Iterator[Diagnostic]:
    """Compare properties with the documented list of those that are gone."""
    for _, node in project.objects():
        if node.cls is not Unreadable:
            continue
        gone = node.scope.registry.removed_properties.get(node.declaration.type_name, {})
        for key in node.properties:
            if key in gone:
                instead = gone[key]
                fix = instead.fix(node.properties, key) if isinstance(instead, Renamed | MovedInto) else None
                message = f"{quoted(key)} no longer exists"
                place = key_place(node.properties, key)
                yield Diagnostic(CODE, message, *place, str(instead), fix=fix)
