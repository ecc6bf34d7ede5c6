"""The files that lint reads: what each is, which belong together, and which routes a router leads to.

A file is told by its name (admin.json, config.json), else by what it holds: examples and fragments have other names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from config.check import Checker, Node
from config.declaration import HeapObject
from config.document import Document
from config.read import SUFFIXES
from config.selection import Settings
from config.types import Ref
from config.values import List, Map, Value
from expr.source import Source, Span


class Kind(StrEnum):
    """What a configuration file is; the order is that of reading."""

    ADMIN = "admin"
    CONFIG = "config"
    ROUTE = "route"
    OBJECT = "object"
    HEAP = "heap"


class Fragment(Document):
    """A declaration of an object, or a heap, without a file around it."""

    object: Ref[HeapObject] | None = None


Documents = Callable[[Kind], type[Document]]
"""The class of each kind of file, imported when it is asked for."""


@dataclass(eq=False)
class File:
    """A file as the linter reads it; `checker` is None when it could not be read at all."""

    source: Source
    kind: Kind | None = None
    """None where it is told by what the file holds."""
    path: Path | None = None
    around: File | None = None
    """The file whose heap it sees."""
    router: Node | None = None
    """The router that loads it."""
    group: object = None
    """Routes of one directory have the same."""
    reported: bool = True
    """Is it to be linted, or read only because others see it?"""
    settings: Settings = field(default_factory=Settings)
    document: Value = None
    checker: Checker | None = None

    @property
    def route_name(self) -> str:
        """Name of a route: its own, else its id, else that of its file."""
        stem = self.path.stem if self.path is not None else ""
        if isinstance(self.document, Map):
            return str(self.document.get("name") or self.document.get("_id") or stem)
        return stem

    @property
    def route_id(self) -> str:
        stem = self.path.stem if self.path is not None else ""
        return str(self.document.get("_id") or stem) if isinstance(self.document, Map) else stem


@dataclass
class Project:
    """Files that are linted together: those of one instance directory, or single files."""

    files: list[File] = field(default_factory=list)
    base: Path | None = None
    """The instance directory."""
    config: Path | None = None
    """Its directory of configuration files."""

    def checked(self, *kinds: Kind) -> Iterator[tuple[File, Checker]]:
        """The files of some kinds (of all, without one) that could be read."""
        for file in self.files:
            if file.checker is not None and (not kinds or file.kind in kinds):
                yield file, file.checker

    def objects(self) -> Iterator[tuple[File, Node]]:
        """Every object of every file that is linted."""
        for file, checker in self.checked():
            if file.reported:
                for node in checker.objects:
                    yield file, node

    def routers(self) -> list[list[File]]:
        """The routes of each router, in the order in which it tries them."""
        groups: dict[object, list[File]] = {}
        for file in self.files:
            if file.group is not None:
                groups.setdefault(file.group, []).append(file)
        # A directory that holds other things than routes is no directory of a router.
        return [
            sorted(files, key=lambda f: f.route_name)
            for files in groups.values()
            if all(f.kind is Kind.ROUTE or f.document is None for f in files)
        ]


def kind_of(document: Value, path: Path | None, documents: Documents) -> Kind:
    """What a file is, by its name, else by what it holds."""
    named = {"admin": Kind.ADMIN, "config": Kind.CONFIG}.get(path.stem) if path is not None else None
    if named is not None:
        return named
    if isinstance(document, List) and document and all(isinstance(i, Map) and "type" in i for i in document):
        return Kind.HEAP
    if not isinstance(document, Map) or "handler" in document:
        alone = isinstance(document, Map) and "temporaryStorage" in document and "condition" not in document
        return Kind.CONFIG if alone else Kind.ROUTE
    if isinstance(document.get("type"), str):
        return Kind.OBJECT
    if "condition" not in document and _administrative(documents).intersection(document):
        return Kind.ADMIN
    return Kind.HEAP if "heap" in document and "condition" not in document else Kind.ROUTE


def _administrative(documents: Documents) -> set[str]:
    """Properties of admin.json that no other file has."""
    others = {*documents(Kind.ROUTE).property_names(), *documents(Kind.CONFIG).property_names()}
    return set(documents(Kind.ADMIN).property_names()) - others


def as_document(file: File) -> Value:
    """What the file holds as a document: a declaration or a list of them gets one around it."""
    document = file.document
    if file.kind is Kind.OBJECT and isinstance(document, Map):
        return _around("object", document)
    if file.kind is Kind.HEAP and isinstance(document, List):
        return _around("heap", document)
    return document


def _around(key: str, value: Map | List) -> Map:
    made = Map(value.source, value.span)
    made.place(key, value, Span(value.span.start, value.span.start), value.span)
    return made


def route_files(project: Project, file: File) -> Iterator[tuple[Node, Path]]:
    """Files in the directories of the routers of a file."""
    if project.base is None or project.config is None or file.checker is None:
        return
    places = {
        "&{ig.instance.dir}": str(project.base),
        "${openig.baseDirectory}": str(project.base),
        "${openig.configDirectory}": str(project.config),
    }
    for node in file.checker.objects:
        if node.cls.holds_routes and (directory := _directory(node, project.config, places)) is not None:
            for path in configuration_files(directory):
                yield node, path


def _directory(router: Node, config: Path, places: Mapping[str, str]) -> Path | None:
    """Where a router looks for routes; None where only the running gateway knows."""
    text = router.declaration.config.get("directory")
    if text is None:
        return config / "routes"
    for name, place in places.items():
        text = str(text).replace(name, place)
    return Path(text) if isinstance(text, str) and "${" not in text and "&{" not in text else None


def configuration_files(directory: Path) -> Iterable[Path]:
    """Configuration files directly in a directory, sorted by name."""
    if not directory.is_dir():
        return []
    return sorted(p for p in directory.iterdir() if p.suffix in SUFFIXES and p.is_file() and p.stem != "gatewright")
