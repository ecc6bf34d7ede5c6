"""From the text of a configuration file to a heap of built objects, or to what the linter sees of it.

The same phases for both: read, substitute tokens, transform, declare, decode, resolve; only the gateway builds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from config.check import Checker
from config.codes import INVALID_DECLARATION
from config.decode import decode
from config.document import Document
from config.heap import Heap
from config.properties import read_properties
from config.registry import Registry
from config.resolver import Resolver
from config.tokens import substitute
from config.transformations import transform
from config.values import Map, Value, placed
from expr.diagnostic import Diagnostic, DiagnosticError
from expr.source import Source, Span

D = TypeVar("D", bound=Document)


@dataclass(frozen=True)
class Substituted:
    """A configuration file with its tokens and transformations replaced."""

    values: Map
    properties: Mapping[str, Any]
    findings: list[Diagnostic] = field(default_factory=list)


@dataclass(frozen=True)
class Loader:
    """Loads configuration files of one instance."""

    registry: Registry
    resolver: Resolver = field(default_factory=Resolver)
    host: Any = None
    """What runs the gateway; objects reach it as `heap.host`."""

    def for_host(self, host: Any) -> Loader:
        return replace(self, host=host)

    def defaults(self, cls: type[Document]) -> Map:
        """The default objects of a kind of file, as a heap of their own."""
        objects = [{"name": name, **declaration} for name, declaration in cls.default_objects.items()]
        values: Map = placed({"heap": objects}, Source(f"<default objects of {cls.__name__}>", ""), Span(0, 0))
        return values

    def build(self, cls: type[D], document: Value, *, parent: Heap | None = None, name: str = "") -> tuple[Heap, D]:
        """Build all objects of a file; raises DiagnosticError with all that is wrong. Nothing is started."""
        read = self.substituted(document, parent)
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
        return heap, built

    def check(
        self, cls: type[Document], document: Value, *, parent: Checker | None = None, name: str = ""
    ) -> tuple[Checker | None, list[Diagnostic]]:
        """Read a file as `build` does, and build nothing; gives all findings."""
        try:
            read = self.substituted(document, parent, lint=True)
        except DiagnosticError as error:
            return None, list(error.diagnostics)
        if parent is None:
            parent = Checker(self.registry, self.defaults(cls))
        checker = Checker(self.registry, read.values, parent=parent, properties=read.properties, name=name)
        findings = checker.check_all()
        checker.check_root(cls)
        return checker, [*read.findings, *findings]

    def substituted(self, document: Value, parent: Heap | Checker | None, *, lint: bool = False) -> Substituted:
        """Replace tokens and transformations, with the properties of the file and of those around it."""
        if not isinstance(document, Map):
            raise DiagnosticError([_not_an_object(document)])
        findings: list[Diagnostic] = []
        inherited = parent.properties if parent is not None else {}
        properties = read_properties(document.get("properties"), inherited, self.resolver, findings, lint=lint)
        resolver = self.resolver.with_properties(properties)
        values = transform(substitute(document, resolver, findings, lint=lint), findings, lint=lint)
        return Substituted(values, properties, findings)


def _not_an_object(document: Value) -> Diagnostic:
    source = getattr(document, "source", None) or Source("<configuration>", "")
    span = getattr(document, "span", None) or Span(0, 0)
    return Diagnostic(INVALID_DECLARATION, "a configuration file holds one JSON object", source, span)
