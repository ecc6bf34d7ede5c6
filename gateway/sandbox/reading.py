"""Reads the sandbox's YAML file: every mistake becomes one line with file, line and column that says what to write."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from gateway.sandbox.settings import SandboxSettings

Location = tuple[str | int, ...]
Place = tuple[int, int]


@dataclass(frozen=True)
class Problem:
    """One mistake in the file and its place, counted from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class SettingsError(ValueError):
    """The sandbox's configuration cannot be used; `problems` has all that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, problems)))


def read_settings(path: str | Path | None = None) -> SandboxSettings:
    """Read a file, the guide's when there is no path; raises SettingsError."""
    if path is None:
        guide = resources.files("gateway.sandbox") / "guide.yaml"
        return parse_settings(guide.read_text(encoding="utf-8"), "guide.yaml")
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError([Problem(str(path), 1, 1, f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        raise SettingsError([Problem(str(path), 1, 1, f"is not UTF-8 text (byte {error.start})")]) from None
    return parse_settings(text, str(path))


def parse_settings(text: str, name: str = "<text>") -> SandboxSettings:
    """Check a YAML text; raises SettingsError whose places are in `name`."""
    value, places = _compose(text, name)
    if not isinstance(value, dict):
        raise SettingsError([Problem(name, 1, 1, "should be a mapping with 'realms'")])
    try:
        return SandboxSettings.model_validate(value)
    except ValidationError as error:
        # The input is left out: what the user wrote may be a password.
        found = error.errors(include_url=False, include_input=False)
        problems = [Problem(name, *_nearest(places, item["loc"]), _wording(dict(item))) for item in found]
        raise SettingsError(sorted(problems, key=lambda problem: (problem.line, problem.column))) from None


def _compose(text: str, name: str) -> tuple[Any, dict[Location, Place]]:
    try:
        loader = yaml.SafeLoader(text)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, error.position - before.rfind("\n")
        raise SettingsError([Problem(name, line, column, f"is not YAML: {error.reason}")]) from None
    try:
        node = loader.get_single_node()
        if node is None:
            return None, {}
        duplicates: list[Problem] = []
        places = dict(_places(node, (), name, duplicates))
        if duplicates:
            raise SettingsError(duplicates)
        return loader.construct_document(node), places
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise SettingsError([Problem(name, line, column, f"is not YAML: {error.problem}")]) from None
    except RecursionError:
        raise SettingsError([Problem(name, 1, 1, "has an alias inside of what it stands for")]) from None
    except yaml.YAMLError as error:
        raise SettingsError([Problem(name, 1, 1, f"is not YAML: {error}")]) from None
    finally:
        loader.dispose()


def _places(node: yaml.Node, path: Location, name: str, duplicates: list[Problem]) -> Iterator[tuple[Location, Place]]:
    """Yield where each value is; a key's place is better than its value's, which may be on another line."""
    if not path:
        yield path, (node.start_mark.line + 1, node.start_mark.column + 1)
    seen: set[str] = set()
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            place = (key.start_mark.line + 1, key.start_mark.column + 1)
            if key.value in seen:
                duplicates.append(Problem(name, *place, f"'{key.value}' is given twice"))
            seen.add(key.value)
            yield (*path, key.value), place
            yield from _places(value, (*path, key.value), name, duplicates)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield (*path, index), (item.start_mark.line + 1, item.start_mark.column + 1)
            yield from _places(item, (*path, index), name, duplicates)


def _nearest(places: dict[Location, Place], path: Location) -> Place:
    """The place of a path, or of the closest thing around it that is written in the file."""
    while path and path not in places:
        path = path[:-1]
    return places.get(path, (1, 1))


def _wording(error: dict[str, Any]) -> str:
    loc: Location = error["loc"]
    where = " > ".join(str(part) for part in loc if part != "[key]")
    kind = error["type"]
    if kind == "extra_forbidden":
        return f"{where}: unknown setting{_close(loc)}"
    if kind == "missing":
        return f"{where}: is required"
    if kind == "string_type":
        return f"{where}: should be text; put a number, date or yes/no between quotes"
    if kind == "string_pattern_mismatch" and loc[:1] == ("realms",):
        return f"{where}: a realm is written '/' or '/name'"
    if kind == "string_pattern_mismatch" and loc[:1] == ("base_url",):
        return f"{where}: should be an absolute URL with a path, without a slash at its end"
    text = str(error["msg"]).removeprefix("Value error, ")
    text = text[:1].lower() + text[1:]
    return f"{where}: {text}" if where else text


def _close(loc: Location) -> str:
    names = sorted(_siblings(loc[:-1]))
    close = difflib.get_close_matches(str(loc[-1]), names, n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else f"; known are {', '.join(names)}"


def _siblings(path: Location) -> set[str]:
    """Names that are valid beside an unknown one: follow the path through the declarations."""
    current: Any = SandboxSettings
    for part in path:
        if isinstance(current, type) and issubclass(current, BaseModel):
            field = current.model_fields.get(str(part))
            current = field.annotation if field else None
        else:
            current = (get_args(current) or (None,))[-1 if str(current).startswith("dict") else 0]
    is_model = isinstance(current, type) and issubclass(current, BaseModel)
    return set(current.model_fields) if is_model else set()
