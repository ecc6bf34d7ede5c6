"""Lint with the types of this gateway: which documents there are, and which files belong together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from config.document import Document
from config.lint import Linter
from config.lint_files import File, Kind, Project, configuration_files
from config.load import Loader
from config.read import SUFFIXES, decoded, load_source
from config.selection import FILE_NAME, Settings, read_settings, settings_file
from expr.diagnostic import Code, Diagnostic, DiagnosticError
from expr.source import Source
from gateway.catalog import registry

_DOCUMENTS = {
    Kind.ADMIN: ("gateway.application.admin_http_application", "AdminHttpApplication"),
    Kind.CONFIG: ("gateway.application.gateway_http_application", "GatewayHttpApplication"),
    Kind.ROUTE: ("gateway.routing.route", "Route"),
}


def document_class(kind: Kind) -> type[Document]:
    """The class of a kind of file; importing it is worth avoiding where there is no such file."""
    module, name = _DOCUMENTS[kind]
    found: type[Document] = getattr(import_module(module), name)
    return found


def linter() -> Linter:
    """The linter of this gateway."""
    return Linter(Loader(registry()), document_class)


def lint_paths(paths: Iterable[Path]) -> list[Diagnostic]:
    """Findings of files, instance directories, directories of routes, and - for stdin."""
    return Gathering().lint(paths)


class NothingToLint(Exception):
    """There is no configuration file where one was looked for."""


@dataclass
class Gathering:
    """Finds the files of paths, with the settings of each, and lints them."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    settings_path: Path | None = None
    """A settings file for all, in place of those found upward."""
    progress: Callable[[int, int], None] = lambda done, total: None
    overlay: dict[Path, Source] = field(default_factory=dict)
    """Texts to read in place of files."""
    unreadable: list[Diagnostic] = field(default_factory=list)
    _settings: dict[Path, Settings] = field(default_factory=dict)
    _around: dict[Path, File] = field(default_factory=dict)

    def own_codes(self) -> list[Code]:
        """The codes of the users' rules in the settings that were read."""
        return [rule.code for settings in self._settings.values() for rule in settings.rules]

    def again(self, overlay: dict[Path, Source]) -> Gathering:
        """The same settings for another run, with these texts in place of files."""
        return Gathering(self.select, self.ignore, self.settings_path, overlay=overlay, _settings=self._settings)

    def lint(self, paths: Iterable[Path]) -> list[Diagnostic]:
        """Findings of all paths; raises NothingToLint, and DiagnosticError when a settings file cannot be used."""
        paths = list(paths)
        checker = linter()
        checker.progress, checker.overlay = self.progress, self.overlay
        projects = self.projects(paths)
        if not self.unreadable and not any(project.files for project in projects):
            raise NothingToLint(", ".join(map(str, paths)))
        found = [finding for project in projects for finding in checker.project(project)]
        return [*self.unreadable, *found]

    def projects(self, paths: Iterable[Path]) -> list[Project]:
        """An instance directory is one project, all single files another."""
        loose = Project()
        found: list[Project] = []
        for path in dict.fromkeys(paths):
            if str(path) == "-":
                source = decoded(sys.stdin.buffer.read(), "<stdin>")
                loose.files.append(File(source, settings=self.settings(Path())))
            elif path.is_file():
                loose.files.extend(self._single(path))
            elif (instance := instance_of(path)) is not None:
                found.append(self._instance(*instance))
            else:
                loose.files.extend(self._all_below(path))
        return [loose, *found] if loose.files else found

    # ------------------------------------------------------------------------------------------------- single files

    def _single(self, path: Path) -> Iterator[File]:
        """A file by itself; a route of an instance directory sees the heap of its config.json."""
        for file in self._file(path):
            if path.parent.name == "routes":
                yield from self._config_around(path.parent.parent, file)
            yield file

    def _config_around(self, directory: Path, file: File) -> Iterator[File]:
        for path in _named(directory, "config"):
            if path not in self._around:
                for around in self._file(path, Kind.CONFIG, reported=False):
                    self._around[path] = around
                    yield around
            file.around = self._around.get(path)
            return

    def _all_below(self, directory: Path) -> Iterator[File]:
        for path in sorted(directory.rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(directory).parts)
            if path.suffix in SUFFIXES and path.name != FILE_NAME and not hidden and path.is_file():
                for file in self._file(path):
                    file.group = path.parent
                    yield file

    def _file(self, path: Path, kind: Kind | None = None, *, reported: bool = True) -> Iterator[File]:
        try:
            source = self.overlay.get(path) or load_source(path)
        except DiagnosticError as error:
            self.unreadable.extend(error.diagnostics)
            return
        yield File(source, kind, path, reported=reported, settings=self.settings(path.parent))

    # --------------------------------------------------------------------------------------------------- instances

    def _instance(self, base: Path, config: Path) -> Project:
        """admin.json, config.json, and the routes that its routers lead to; without it, those of config/routes."""
        project = Project(base=base, config=config)
        for kind in (Kind.ADMIN, Kind.CONFIG):
            for path in _named(config, str(kind)):
                project.files.extend(self._file(path, kind))
        around = next((file for file in project.files if file.kind is Kind.CONFIG), None)
        for path in () if around is not None else configuration_files(config / "routes"):
            for file in self._file(path, Kind.ROUTE):
                file.group = path.parent
                project.files.append(file)
        return project

    # ---------------------------------------------------------------------------------------------------- settings

    def settings(self, directory: Path) -> Settings:
        """The settings of the files in a directory."""
        if directory not in self._settings:
            path = self.settings_path or settings_file(directory)
            read = read_settings(path) if path is not None else Settings()
            self._settings[directory] = read.overridden(self.select, self.ignore)
        return self._settings[directory]


def instance_of(directory: Path) -> tuple[Path, Path] | None:
    """The instance directory that a directory is or lies in, and its directory of configuration; None for others."""
    above = directory.parent if directory.name not in ("", "..") else directory / ".."
    for base, config in ((directory, directory / "config"), (above, directory)):
        if _named(config, "config") or _named(config, "admin") or (config.name == "config" and _has_routes(config)):
            return base, config
    return None


def _has_routes(config: Path) -> bool:
    return (config / "routes").is_dir()


def _named(directory: Path, stem: str) -> list[Path]:
    """The file of a name, in the format that it has."""
    return [path for suffix in SUFFIXES if (path := directory / f"{stem}{suffix}").is_file()][:1]
