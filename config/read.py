"""Reads configuration files: bytes to text, JSON or YAML text to values that remember their places.

The format is told by the name of the file, as both mean the same configuration. Everything that can be wrong here is a
finding with a code GW1xx. Follows the documented entry CommentsAndReservedNames (config-files.yaml).
"""

from __future__ import annotations

from pathlib import Path

from config.read_codes import (
    ENCODING,
    JSON_SYNTAX,
    NESTING,
    NUMBER_RANGE,
    UNREADABLE_FILE,
    YAML_FEATURE,
    YAML_SYNTAX,
)
from config.read_json import SURROGATE, read_json
from config.values import Value
from expr.diagnostic import Diagnostic, DiagnosticError
from expr.source import Source, Span

__all__ = [
    "ENCODING",
    "JSON_SYNTAX",
    "NESTING",
    "NUMBER_RANGE",
    "SUFFIXES",
    "UNREADABLE_FILE",
    "YAML_FEATURE",
    "YAML_SYNTAX",
    "decoded",
    "is_yaml",
    "load_source",
    "read_document",
]

YAML_SUFFIXES = (".yaml", ".yml")
SUFFIXES = (".json", *YAML_SUFFIXES)
"""Endings of configuration files; of two files that differ in it alone, the first one counts."""


def is_yaml(name: str) -> bool:
    """Does a file of this name hold YAML?"""
    return name.lower().endswith(YAML_SUFFIXES)


def load_source(path: Path, name: str | None = None) -> Source:
    """The text of a file, shown under `name`; raises DiagnosticError when it cannot be read or is not UTF-8."""
    shown = str(path) if name is None else name
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        message = f'"{shown}" cannot be read: {reason}'
        raise DiagnosticError([Diagnostic(UNREADABLE_FILE, message, Source(shown, ""), Span(0, 0))]) from None
    return decoded(content, shown)


def decoded(content: bytes, name: str) -> Source:
    """The text of the bytes of a file, without its byte order mark; raises DiagnosticError when they are not UTF-8."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        return Source(name, content.decode())
    except UnicodeDecodeError as error:
        start = len(content[: error.start].decode())
        source = Source(name, content.decode(errors="replace"))
        found = Diagnostic(
            ENCODING,
            f"byte 0x{content[error.start]:02X} is not UTF-8",
            source,
            Span(start, start + 1),
            "save the file in the encoding UTF-8",
        )
        raise DiagnosticError([found]) from None


def read_document(source: Source, *, yaml: bool | None = None) -> Value:
    """The value of a JSON or YAML text, told apart by the name of the source unless `yaml` says which.

    Raises DiagnosticError with the first mistake of syntax. Of a key that is given twice the last one counts, and the
    others are in `Map.duplicates`.
    """
    lone = SURROGATE.search(source.text)
    if lone:
        message = f"U+{ord(lone[0]):04X} is half of a character"
        raise DiagnosticError([Diagnostic(ENCODING, message, source, Span(*lone.span()), ENCODING.explanation)])
    if is_yaml(source.name) if yaml is None else yaml:
        from config.read_yaml import read_yaml

        return read_yaml(source)
    return read_json(source)
