"""The linter: reads configuration files as the gateway would, builds nothing, and tells all that is wrong.

Files belong together as an instance directory has them: config.json's heap is visible to routes, routes with a router
of their own lead to others, and rules see all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from config.check import Checker, Node
from config.codes import UNRESOLVED_REFERENCE
from config.lint_files import Documents, File, Fragment, Kind, Project, as_document, kind_of, route_files
from config.load import Loader
from config.read import load_source, read_document
from config.rules import RULES
from config.rules.base import Rule
from config.suppressions import suppressions
from expr.codes import UNKNOWN_NAME
from expr.diagnostic import Code, Diagnostic, DiagnosticError, declare
from expr.source import Source, Span

INTERNAL = declare(
    Code(
        "GW901",
        "internal-error",
        "a fault of the linter itself",
        "The configuration may be right or wrong: this is a bug in Gatewright. Please report it with the file.",
    )
)


@dataclass
class Linter:
    """Lints files with the types of a registry."""

    loader: Loader
    documents: Documents
    rules: tuple[Rule, ...] = RULES
    progress: Callable[[int, int], None] = lambda done, total: None
    """Called after each file with how many are read, and how many there are."""
    overlay: dict[Path, Source] = field(default_factory=dict)
    """Texts to read in place of files, to see what a change would do."""

    def project(self, project: Project) -> list[Diagnostic]:
        """All findings of the files of a project that are wanted, sorted by place."""
        findings: list[Diagnostic] = []
        project.files.sort(key=lambda file: _reading_order(file.kind))
        seen = {file.path.resolve() for file in project.files if file.path is not None}
        for done, file in enumerate(project.files, 1):  # grows while it is read: routers lead to more files
            findings.extend(self._guarded(file))
            for router, path in route_files(project, file):
                if path.resolve() not in seen:
                    seen.add(path.resolve())
                    project.files.extend(self._routes(path, router, file, findings))
            self.progress(done, len(project.files))
        for rule in self.rules:
            findings.extend(self._checked(rule, project))
        for file in project.files:
            for own in file.settings.rules if file.reported else ():
                findings.extend(own.check(file.document, file.source))
        return sorted(dict.fromkeys(_wanted(findings, project)), key=lambda d: d.sort_key)

    def source(self, path: Path) -> Source:
        """The text of a file; raises DiagnosticError."""
        return self.overlay.get(path) or load_source(path)

    def _routes(self, path: Path, router: Node, around: File, findings: list[Diagnostic]) -> Iterable[File]:
        try:
            source = self.source(path)
        except DiagnosticError as error:
            findings.extend(error.diagnostics)
            return ()
        group = (id(router), path.parent)
        return (File(source, Kind.ROUTE, path, around, router, group, around.reported, around.settings),)

    # ------------------------------------------------------------------------------------------------------ reading

    def _guarded(self, file: File) -> list[Diagnostic]:
        """Findings of one file by itself; a fault of the linter is one of them, so that the other files are read."""
        try:
            return self._read(file)
        except Exception as error:
            return [_internal(file.source, error)]

    def _read(self, file: File) -> list[Diagnostic]:
        try:
            file.document = read_document(file.source)
        except DiagnosticError as error:
            file.kind = file.kind or Kind.ROUTE
            return list(error.diagnostics)
        if file.kind is None:
            file.kind = kind_of(file.document, file.path, self.documents)
        cls = Fragment if file.kind in (Kind.OBJECT, Kind.HEAP) else self.documents(file.kind)
        parent = None if file.kind in (Kind.ADMIN, Kind.CONFIG) else self._around(file)
        name = file.route_name if file.kind is Kind.ROUTE else ""
        file.checker, findings = self.loader.check(cls, as_document(file), parent=parent, name=name)
        return findings if parent is not self._alone(file) else [_as_alone(finding) for finding in findings]

    def _alone(self, file: File) -> Checker | None:
        """The surroundings of a route whose config.json is not known; None for other files."""
        return self._defaults if file.kind is Kind.ROUTE else None

    def _around(self, file: File) -> Checker:
        """What a route sees beyond itself: its parent's heap, else what the default configuration has."""
        around = file.around
        return around.checker if around is not None and around.checker is not None else self._defaults

    @cached_property
    def _defaults(self) -> Checker:
        return Checker(self.loader.registry, self.loader.defaults(self.documents(Kind.CONFIG)))

    def _checked(self, rule: Rule, project: Project) -> list[Diagnostic]:
        try:
            return list(rule(project))
        except Exception as error:
            return [_internal(project.files[0].source, error)]


def _as_alone(finding: Diagnostic) -> Diagnostic:
    """A missing name may be in a config.json that was not given."""
    if finding.code in (UNRESOLVED_REFERENCE, UNKNOWN_NAME) and not finding.help.startswith("did you mean"):
        hint = f"{finding.help}; " if finding.help else ""
        return replace(finding, help=f"{hint}if config.json has it, lint the directory as a whole")
    return finding


# -------------------------------------------------------------------------------------------------------- selection


def _wanted(findings: list[Diagnostic], project: Project) -> list[Diagnostic]:
    """Findings that are neither switched off in their file nor left out by its settings."""
    files = {id(file.source): file for file in project.files}
    hiding = {key: suppressions(file.source, file.document) for key, file in files.items() if file.reported}
    kept = [
        finding
        for finding in findings
        if not sum(suppression.hides(finding) for suppression in hiding.get(id(finding.source), ()))
    ]
    for key, found in hiding.items():
        kept.extend(unused for suppression in found for unused in suppression.unused(files[key].settings))
    selected = (_selected(finding, files.get(id(finding.source))) for finding in kept)
    return [finding for finding in selected if finding is not None]


def _selected(finding: Diagnostic, file: File | None) -> Diagnostic | None:
    if file is None:
        return finding
    if not file.reported or not file.settings.wants(finding.code, file.path):
        return None
    level = file.settings.level(finding.code)
    return replace(finding, severity=level) if level is not None else finding


def _reading_order(kind: Kind | None) -> int:
    return list(Kind).index(kind or Kind.ROUTE)


def _internal(source: Source, error: Exception) -> Diagnostic:
    message = f"the linter failed here: {type(error).__name__}: {error}"
    return Diagnostic(INTERNAL, message, source, Span(0, 0), "please report this, with the file")
