"""Which findings are wanted: codes, beginnings of codes and rule names, of the command line and of gatewright.yaml.

The file is found upward from what is linted. What is wrong with it is a finding too, and keeps lint from running.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from config.problem import closest, listed, quoted
from config.read import load_source, read_document
from config.user_rules import UserRule, read_rules
from config.values import List, Map, Text
from expr.diagnostic import CODES, Code, Diagnostic, DiagnosticError, Severity, declare
from expr.source import Span

FILE_NAME = "gatewright.yaml"
KEYS = ("select", "ignore", "per-file-ignores", "severity", "rules")
SETTINGS = declare(
    Code(
        "GW802",
        "lint-settings",
        "a gatewright.yaml that cannot be used",
        "The file holds `select` and `ignore` (lists of codes, beginnings of codes, or rule names), "
        "`per-file-ignores` (a pattern of file names: such a list), `severity` (a code: error, warning or info) and "
        "`rules` (rules of your own, or paths of files of them).",
    )
)


def names_code(name: str, code: Code) -> bool:
    """Does a name that a user wrote mean a code: its id, a beginning of it, or its rule?"""
    return name in ("ALL", code.rule) or (len(name) > 1 and code.id.startswith(name))


def is_known(name: str, more: Iterable[Code] = ()) -> bool:
    """Does a name mean any code at all?"""
    return any(names_code(name, code) for code in (*CODES.values(), *more))


@dataclass(frozen=True)
class Settings:
    """What a user wants of lint."""

    select: tuple[str, ...] = ()
    """Only these; all that are on by default when empty."""
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    severity: tuple[tuple[str, Severity], ...] = ()
    rules: tuple[UserRule, ...] = ()
    base: Path = field(default_factory=Path)
    """Where the patterns of file names begin."""

    def wants(self, code: Code, path: Path | None) -> bool:
        """Is a kind of finding wanted in a file? What keeps a file from being read at all always is, unless ignored."""
        ignored = (*self.ignore, *self._ignored_in(path))
        if any(names_code(name, code) for name in ignored):
            return False
        if self.select:
            return any(names_code(name, code) for name in self.select) or code.id.startswith("GW10")
        return not code.optional

    def level(self, code: Code) -> Severity | None:
        """The severity that the settings give to a code."""
        return next((severity for name, severity in self.severity if names_code(name, code)), None)

    def overridden(self, select: Sequence[str], ignore: Sequence[str]) -> Settings:
        """These settings under those of the command line."""
        return replace(self, select=tuple(select) or self.select, ignore=(*self.ignore, *ignore))

    def _ignored_in(self, path: Path | None) -> Iterator[str]:
        if path is None or not self.per_file_ignores:
            return
        try:
            relative = path.resolve().relative_to(self.base.resolve()).as_posix()
        except ValueError:
            relative = path.as_posix()
        for pattern, names in self.per_file_ignores:
            if fnmatch(relative, pattern) or fnmatch(path.name, pattern):
                yield from names


def settings_file(path: Path) -> Path | None:
    """The nearest gatewright.yaml at or above a path."""
    resolved = path.resolve()
    for directory in (resolved, *resolved.parents) if resolved.is_dir() else resolved.parents:
        candidate = directory / FILE_NAME
        if candidate.is_file():
            return candidate
    return None


def read_settings(path: Path) -> Settings:
    """The settings of a file; raises DiagnosticError with all that is wrong with it."""
    source = load_source(path)
    if not any(line.strip() and not line.lstrip().startswith("#") for line in source.text.splitlines()):
        return Settings(base=path.parent)
    values = read_document(source, yaml=True)
    reader = _Reader(values, path)
    settings = reader.settings()
    if reader.findings:
        raise DiagnosticError(reader.findings)
    return settings


class _Reader:
    """Reads the members of a settings file and collects what is wrong with them."""

    def __init__(self, values: Any, path: Path) -> None:
        if not isinstance(values, Map):
            source = load_source(path)
            raise DiagnosticError([Diagnostic(SETTINGS, "the file holds a mapping", source, Span(0, 0), _keys())])
        self.values = values
        self.path = path
        self.findings: list[Diagnostic] = []
        self.codes: tuple[Code, ...] = ()

    def settings(self) -> Settings:
        for key in self.values:
            if key not in KEYS:
                hint = closest(key, KEYS) or _keys()
                self._report(f"there is no setting {quoted(key)}", (key,), hint, key=True)
        rules = self._rules()
        self.codes = tuple(rule.code for rule in rules)
        return Settings(
            self._names(("select",)),
            self._names(("ignore",)),
            tuple((name, self._names(("per-file-ignores", name))) for name in self._members("per-file-ignores")),
            tuple(self._severities()),
            rules,
            self.path.parent,
        )

    def _names(self, path: tuple[str, ...]) -> tuple[str, ...]:
        value: Any = self.values
        for key in path:
            value = value.get(key)
        if value is None:
            return ()
        names = value if isinstance(value, List) else [value]
        for index, name in enumerate(names):
            place: tuple[str | int, ...] = (*path, index) if isinstance(value, List) else path
            if not isinstance(name, str):
                self._report("a code or the name of a rule is a text", place)
            elif not is_known(name, self.codes):
                known = [n for code in (*CODES.values(), *self.codes) for n in (code.id, code.rule)]
                self._report(f"{quoted(name)} is no code and no rule", place, closest(name, known))
        return tuple(str(name) for name in names)

    def _members(self, key: str) -> Map:
        value = self.values.get(key)
        if isinstance(value, Map):
            return value
        if value is not None:
            self._report(f"{quoted(key)} is a mapping", (key,))
        return Map(self.values.source)

    def _severities(self) -> Iterator[tuple[str, Severity]]:
        for name, value in self._members("severity").items():
            if value not in list(Severity):
                self._report(f"{quoted(value)} is no severity", ("severity", name), f"one of {listed(Severity)}")
            elif not is_known(name, self.codes):
                self._report(f"{quoted(name)} is no code and no rule", ("severity", name), key=True)
            else:
                yield name, Severity(value)

    def _rules(self) -> tuple[UserRule, ...]:
        found: list[UserRule] = []
        given = self.values.get("rules")
        for index, item in enumerate(given if isinstance(given, List) else [] if given is None else [given]):
            try:
                if isinstance(item, Text):
                    found.extend(read_rules(read_document(load_source(self.path.parent / item), yaml=True)))
                else:
                    found.extend(read_rules(item))
            except DiagnosticError as error:
                self.findings.extend(error.diagnostics)
            except ValueError as error:
                self._report(str(error), ("rules", index))
        return tuple(found)

    def _report(self, message: str, path: tuple[str | int, ...], hint: str = "", *, key: bool = False) -> None:
        place = self.values.key_at(path) if key else self.values.at(path)
        self.findings.append(Diagnostic(SETTINGS, message, *place, hint))


def _keys() -> str:
    return f"the settings are {listed(KEYS)}"
