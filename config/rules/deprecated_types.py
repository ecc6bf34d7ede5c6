"""GW702: names of types that have a successor and still work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.check import Unreadable
from config.codes import DEPRECATED_TYPE
from config.problem import quoted
from config.replacement import of_literal
from config.rules.base import is_literal
from expr.diagnostic import Diagnostic

if TYPE_CHECKING:
    from config.lint_files import Project

CODE = DEPRECATED_TYPE


def check(project: Project) -> Iterator[Diagnostic]:
    """Compare the type of each object with its name of today."""
    for _, node in project.objects():
        name = node.declaration.type_name
        if node.cls is Unreadable or node is node.scope.root:
            continue
        registry = node.scope.registry
        source, span = node.declaration.values.at(["type"])
        today = registry.canonical(name)
        if node.cls.deprecated:
            yield Diagnostic(CODE, f"the type {quoted(name)} is deprecated", source, span, node.cls.deprecated)
        elif today != name and "." not in name:
            fix = of_literal(source, span, today) if is_literal(node.declaration.values["type"]) else None
            message = f"the type {quoted(name)} is now called {quoted(today)}"
            yield Diagnostic(CODE, message, source, span, f"write {quoted(today)}", fix=fix)
