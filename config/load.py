"""From the text of a configuration file to a heap of built objects, or to what the linter sees of it.

The same phases for both: read, substitute tokens, transform, declare, decode, resolve; only the gateway builds.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any, TypeVar

from config.check import Checker
from config.codes import INVALID_DECLARATION
from config.document import Document
from config.heap import Heap
from config.properties import Properties, prepare
from config.registry import Registry
from config.resolver import Resolver
from config.scope import Scope
from config.values import Map, Value, placed
from expr.diagnostic import Diagnostic, DiagnosticError, Severity
from expr.source import Source, Span

D = TypeVar("D", bound=Document)
log = logging.getLogger("gatewright.config")


@dataclass(frozen=True)
class Loader:
    """Loads configuration files of one instance."""

    registry: Registry
    resolver: Resolver = field(default_factory=Resolver)
    host: Any = None
    """What runs the gateway; objects reach it as `heap.host`."""

    def defaults(self, cls: type[Document]) -> Map:
        """The default objects of a kind of file, as a heap of their own."""
        objects = [{"name": name, **declaration} for name, declaration in cls.default_objects.items()]
        values: Map = placed({"heap": objects}, Source(f"<default objects of {cls.__name__}>", ""), Span(0, 0))
        return values

    def build(self, cls: type[D], document: Value, *, parent: Heap | None = None, name: str = "") -> tuple[Heap, D]:
        """Build all objects of a file; raises DiagnosticError with all that is wrong. Nothing is started."""
        findings: list[Diagnostic] = []
        read = prepare(_object(document), self.resolver, findings, parent=_properties(parent))
        if parent is None:
            parent = Heap(self.registry, self.defaults(cls), host=self.host)
        heap = Heap(self.registry, read.values, parent=parent, properties=read.properties, name=name, host=self.host)
        errors: list[Diagnostic] = []
        try:
            heap.build_all()
        except DiagnosticError as error:
            errors.extend(error.diagnostics)
        try:
            built = heap.document(cls)
        except DiagnosticError as error:
            errors.extend(error.diagnostics)
        if errors:
            raise DiagnosticError(dict.fromkeys(errors))
        for finding in dict.fromkeys([*findings, *heap.findings]):
            if finding.level is not Severity.INFO:
                log.warning("%s", finding)
        return heap, built

    def check(
        self, cls: type[Document], document: Value, *, parent: Checker | None = None, name: str = ""
    ) -> tuple[Checker | None, list[Diagnostic]]:
        """Read a file as `build` does, and build nothing; gives all findings."""
        findings: list[Diagnostic] = []
        try:
            read = prepare(_object(document), self.resolver, findings, parent=_properties(parent), lint=True)
        except DiagnosticError as error:
            return None, [*findings, *error.diagnostics]
        if parent is None:
            parent = Checker(self.registry, self.defaults(cls))
        checker = Checker(self.registry, read.values, parent=parent, properties=read.properties, name=name)
        checker.check_all()
        checker.check_root(cls)
        return checker, [*findings, *checker.findings]


def _object(document: Value) -> Map:
    if not isinstance(document, Map):
        raise DiagnosticError([_not_an_object(document)])
    return document


def _properties(parent: Scope | None) -> Properties | None:
    found = parent.properties if parent is not None else None
    return found if isinstance(found, Properties) else None


def _not_an_object(document: Value) -> Diagnostic:
    source = getattr(document, "source", None) or Source("<configuration>", "")
    span = getattr(document, "span", None) or Span(0, 0)
    return Diagnostic(INVALID_DECLARATION, "a configuration file holds one JSON object", source, span)
