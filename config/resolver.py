"""Where the values of configuration tokens come from, in the documented order.

Properties of the configuration, environment variables, system properties, token source files, built-in tokens; the
default in the token itself comes last. Follows the documented entry ConfigurationTokens (config-files.yaml).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from config.java_properties import read_properties_file
from config.read import decoded, load_source, read_document
from config.values import Map, Unknown, plain
from expr.diagnostic import Code, Diagnostic, DiagnosticError, declare
from expr.scope import implicit
from expr.source import Source, Span

DIRECTORIES_VARIABLE = "IG_ENVCONFIG_DIRS"
DIRECTORIES_PROPERTY = "ig.envconfig.dirs"

TOKEN_FILE = declare(
    Code(
        "GW112",
        "token-file",
        "a token source file that holds no object",
        "A token source file (`ig.token.files` and the like) is a .json or .properties file with names "
        "and values. What it holds otherwise cannot be looked up by name.",
    )
)


class Resolver:
    """Finds the value of a token; one for each configuration file, as `properties` differ."""

    def __init__(
        self,
        *,
        environ: Mapping[str, str] | None = None,
        system: Mapping[str, str] | None = None,
        properties: Mapping[str, Any] | None = None,
        files: TokenFiles | None = None,
        builtins: Mapping[str, str] | None = None,
    ) -> None:
        """`properties` are flat (`db.host`); environment and system properties are those of the process by default."""
        self.environ = implicit.env if environ is None else environ
        self.system = implicit.system if system is None else system
        self.properties = properties if properties is not None else {}
        self.files = TokenFiles.named_in(self.environ, self.system) if files is None else files
        self.builtins = builtins or {}

    def with_properties(self, properties: Mapping[str, Any]) -> Resolver:
        """The same surroundings and other properties."""
        return Resolver(
            environ=self.environ, system=self.system, properties=properties, files=self.files, builtins=self.builtins
        )

    def find(self, name: str) -> str | Unknown | None:
        """Value of a token; None when nothing defines it, Unknown when what defines it is not known here."""
        found = self._property(name)
        if found is None:
            found = self.environment(environment_name(name))
        if found is None:
            found = self.system.get(name)
        if found is None:
            found = self.files.get(name)
        return self.builtins.get(name) if found is None else found

    def environment(self, name: str) -> str | None:
        """Value of an environment variable, by its name or written `env['NAME']`."""
        return self.environ.get(name[name.index("[") + 1 : -1].strip()[1:-1] if name.startswith("env[") else name)

    def advice(self, name: str) -> str:
        """How to give a token a value."""
        close = get_close_matches(name, self.properties, n=1, cutoff=0.7)
        if close:
            return f'did you mean "{close[0]}"?'
        if name.startswith("env["):
            return f"set the environment variable, or give a default: &{{{name}|...}}"
        variable = environment_name(name)
        return f'set the environment variable {variable}, declare the property "{name}", or write &{{{name}|default}}'

    def _property(self, name: str) -> str | Unknown | None:
        found = self.properties.get(name)
        if found is not None:
            return found if isinstance(found, Unknown) else token_text(found)
        while "." in name:
            name = name.rpartition(".")[0]
            group = self.properties.get(name)
            if isinstance(group, Unknown):
                return group
        return None


def environment_name(name: str) -> str:
    """`a.b` is `A_B`."""
    return name.upper().replace(".", "_")


def token_text(value: object) -> str:
    """The text that a value gives where a token stands for it."""
    return str(value) if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False)


class TokenFiles:
    """Token source files: .json, flattened with dots, and .properties; read when a token is not found before."""

    def __init__(self, directories: Iterable[Path] = ()) -> None:
        self.directories = tuple(directories)

    @classmethod
    def named_in(cls, environ: Mapping[str, str], system: Mapping[str, str]) -> TokenFiles:
        """The files of the directories that the environment names, separated by commas."""
        named = environ.get(DIRECTORIES_VARIABLE) or system.get(DIRECTORIES_PROPERTY) or ""
        return cls(Path(part.strip()) for part in named.split(",") if part.strip())

    def get(self, name: str) -> str | None:
        """Value of a token; raises DiagnosticError when a file cannot be read."""
        return self._values.get(name) if self.directories else None

    @cached_property
    def _values(self) -> dict[str, str]:
        """All tokens; of a name in several files the first counts, in the order of directories and file names."""
        found: dict[str, str] = {}
        for directory in self.directories:
            for path in sorted(directory.iterdir()) if directory.is_dir() else ():
                for name, value in flattened(read_values(path)) if path.suffix in (".json", ".properties") else ():
                    if value is not None:
                        found.setdefault(name, token_text(value))
        return found


def read_values(path: Path) -> Map:
    """The values of a .json or .properties file; raises DiagnosticError."""
    return _values_of(load_source(path))


def read_content(content: bytes, name: str) -> Map:
    """The values of the bytes of such a file, told apart by its name; raises DiagnosticError."""
    return _values_of(decoded(content, name))


def _values_of(source: Source) -> Map:
    if source.name.partition("?")[0].endswith(".properties"):
        return read_properties_file(source)
    values = read_document(source)
    if not isinstance(values, Map):
        message = "a file of named values holds a JSON object"
        raise DiagnosticError([Diagnostic(TOKEN_FILE, message, source, Span(0, len(source.text)), '{"name": "value"}')])
    return values


def flattened(values: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    """Members of nested objects with their names joined by dots; arrays and unknown groups are values."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from flattened(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
