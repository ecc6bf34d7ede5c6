"""The linter: reads configuration files as the gateway would, builds nothing, and tells all that is wrong.

Files belong together as an instance directory has them: config.json's heap is visible to routes, and rules see every
route of a router at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from config.check import Checker
from config.document import Document
from config.load import Loader
from config.read import load_source, read_document
from config.rules import RULES
from config.values import Map, Value
from expr.diagnostic import Diagnostic, DiagnosticError
from expr.source import Source


class Kind(StrEnum):
    """What a configuration file is."""

    ADMIN = "admin"
    CONFIG = "config"
    ROUTE = "route"


@dataclass(eq=False)
class File:
    """A file as the linter reads it; `checker` is None when it could not be read at all."""

    source: Source
    kind: Kind
    document: Value = None
    checker: Checker | None = None
    path: Path | None = None

    @property
    def route_name(self) -> str:
        """Name of a route: its own, else its id, else that of its file."""
        stem = self.path.stem if self.path is not None else ""
        if isinstance(self.document, Map):
            return str(self.document.get("name") or self.document.get("_id") or stem)
        return stem


@dataclass
class Project:
    """Files that are linted together: those of one instance directory, or single files."""

    files: list[File] = field(default_factory=list)

    @property
    def routes(self) -> list[File]:
        """Routes in the order in which their router tries them."""
        return sorted((f for f in self.files if f.kind is Kind.ROUTE), key=lambda f: f.route_name)

    def documents(self) -> tuple[list[Checker], list[Checker]]:
        """What could be read of config.json, and of the routes in their order."""
        config = [f.checker for f in self.files if f.kind is Kind.CONFIG and f.checker is not None]
        return config, [f.checker for f in self.routes if f.checker is not None]


@dataclass
class Linter:
    """Lints files with the types of a registry."""

    loader: Loader
    documents: Mapping[Kind, type[Document]]

    def project(self, project: Project) -> list[Diagnostic]:
        """All findings of the files of a project, sorted by place."""
        findings: list[Diagnostic] = []
        parent: Checker | None = None
        for file in sorted(project.files, key=lambda f: list(Kind).index(f.kind)):
            findings.extend(self._read(file, parent if file.kind is Kind.ROUTE else None))
            if file.kind is Kind.CONFIG:
                parent = file.checker
        for rule in RULES:
            findings.extend(rule(project))
        return sorted(dict.fromkeys(findings), key=lambda d: d.sort_key)

    def _read(self, file: File, parent: Checker | None) -> list[Diagnostic]:
        try:
            file.document = read_document(file.source)
        except DiagnosticError as error:
            return list(error.diagnostics)
        # A route alone sees what the default configuration has.
        if file.kind is Kind.ROUTE and parent is None:
            parent = Checker(self.loader.registry, self.loader.defaults(self.documents[Kind.CONFIG]))
        name = file.route_name if file.kind is Kind.ROUTE else ""
        file.checker, findings = self.loader.check(self.documents[file.kind], file.document, parent=parent, name=name)
        return findings


def instance(directory: Path) -> Project | None:
    """The files of an instance directory, or None when it is none."""
    config = directory / "config"
    if not config.is_dir():
        return None
    project = Project()
    for name, kind in (("admin", Kind.ADMIN), ("config", Kind.CONFIG)):
        project.files.extend(_files([config / f"{name}{suffix}" for suffix in SUFFIXES], kind))
    project.files.extend(_files(sorted((config / "routes").glob("*")), Kind.ROUTE))
    return project


SUFFIXES = (".json", ".yaml", ".yml")


def _files(paths: Iterable[Path], kind: Kind) -> list[File]:
    return [File(load_source(p), kind, path=p) for p in paths if p.suffix in SUFFIXES and p.is_file()]


def kind_of_file(path: Path) -> Kind:
    """What a single file is, by its name; anything that is not admin.json or config.json is a route."""
    return {"admin": Kind.ADMIN, "config": Kind.CONFIG}.get(path.stem, Kind.ROUTE)
