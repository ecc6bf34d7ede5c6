"""Lint with the types of this gateway: which documents there are, and which files belong together."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from config.lint import SUFFIXES, File, Kind, Linter, Project, instance, kind_of_file
from config.load import Loader
from config.read import decoded, load_source
from expr.diagnostic import Diagnostic
from gateway.application.admin_http_application import AdminHttpApplication
from gateway.application.gateway_http_application import GatewayHttpApplication
from gateway.catalog import registry
from gateway.routing.route import Route

DOCUMENTS = {Kind.ADMIN: AdminHttpApplication, Kind.CONFIG: GatewayHttpApplication, Kind.ROUTE: Route}


def linter() -> Linter:
    """The linter of this gateway."""
    return Linter(Loader(registry()), DOCUMENTS)


def lint_paths(paths: Iterable[Path]) -> list[Diagnostic]:
    """Findings of files, instance directories, directories of routes, and - for stdin."""
    found: list[Diagnostic] = []
    checker = linter()
    for project in projects(paths):
        found.extend(checker.project(project))
    return found


def projects(paths: Iterable[Path]) -> list[Project]:
    """Files that belong together: an instance directory is one project, all single files another."""
    loose = Project()
    found: list[Project] = []
    for path in paths:
        if str(path) == "-":
            loose.files.append(File(decoded(sys.stdin.buffer.read(), "<stdin>"), Kind.ROUTE))
        elif path.is_file():
            loose.files.append(_file(path))
        elif (project := instance(path)) is not None:
            found.append(project)
        else:
            loose.files.extend(_file(file) for file in sorted(path.rglob("*")) if file.suffix in SUFFIXES)
    return [loose, *found] if loose.files else found


def _file(path: Path) -> File:
    return File(load_source(path), kind_of_file(path), path=path)
