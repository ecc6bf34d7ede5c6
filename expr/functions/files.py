"""Functions that read files, at each evaluation anew, and that make URLs of paths."""

from __future__ import annotations

import os
import re
from pathlib import Path

from expr.errors import EvaluationError, warn
from expr.functions import Function, Parameter
from expr.types import STRING, map_of

_ENCODING = "org.forgerock.config.resolvers.properties.encoding"
_FILE = Parameter("file", STRING, "path of the file")
_KEPT = "/-._~!$&'()*+,;=:@"
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
_KEY = re.compile(r"((?:\\.|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*(.*)", re.DOTALL)
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\(.)", re.DOTALL)


def _bytes(file: str | None) -> bytes | None:
    if file is None:
        return None
    try:
        return Path(file).read_bytes()
    except (OSError, ValueError) as error:
        warn(f"a file cannot be read ({type(error).__name__}): the value is null")
        return None


def _read(file: str | None) -> str | None:
    content = _bytes(file)
    return None if content is None else content.decode("utf-8", "replace")


def _read_with_charset(file: str | None, charset: str | None) -> str | None:
    if file is None:
        return None
    try:
        "".encode(charset or "")
    except LookupError:
        raise EvaluationError("the charset is unknown") from None
    content = _bytes(file)
    return None if content is None else content.decode(charset or "utf-8", "replace")


def _read_properties(file: str | None) -> dict[str, str] | None:
    from expr.scope import implicit

    content = _bytes(file)
    if content is None:
        return None
    latin = implicit.system.get(_ENCODING, "").upper() == "ISO-8859-1"
    return parse_properties(content.decode("latin-1" if latin else "utf-8", "replace"))


def parse_properties(text: str) -> dict[str, str]:
    """The entries of a Java properties file."""
    found: dict[str, str] = {}
    for line in _logical_lines(text):
        hit = _KEY.fullmatch(line)
        if hit is not None:
            found[_unescaped(hit.group(1))] = _unescaped(hit.group(2))
    return found


def _logical_lines(text: str) -> list[str]:
    lines: list[str] = []
    pending = ""
    for line in re.split(r"\r\n|\n|\r", text):
        stripped = line.lstrip(" \t\f")
        if not pending and (not stripped or stripped[0] in "#!"):
            continue
        pending += stripped
        trailing = len(pending) - len(pending.rstrip("\\"))
        if trailing % 2:
            pending = pending[:-1]
            continue
        lines.append(pending)
        pending = ""
    return [*lines, pending] if pending else lines


def _unescaped(text: str) -> str:
    def character(hit: re.Match[str]) -> str:
        return chr(int(hit.group(1), 16)) if hit.group(1) else _ESCAPES.get(hit.group(2), hit.group(2))

    return _ESCAPED.sub(character, text)


def _path_to_url(path: str | None) -> str | None:
    if path is None:
        return None
    from urllib.parse import quote

    absolute = re.sub("/{2,}", "/", str(Path.cwd() / path) if path else str(Path.cwd()))
    slash = "/" if absolute != "/" and os.path.isdir(absolute) else ""  # noqa: PTH112  a NUL in it is no error
    return f"file:{quote(absolute, safe=_KEPT, errors='replace')}{slash}"


FUNCTIONS = (
    Function(
        "fileToUrl",
        "file URL of a file object, such as openig.configDirectory.",
        (_FILE,),
        STRING,
        _path_to_url,
        (("fileToUrl('/no such/file')", "file:/no%20such/file"), ("fileToUrl(null)", None)),
        pure=False,
    ),
    Function(
        "pathToUrl",
        "file URL of a path; a directory that exists gets a slash at the end.",
        (Parameter("path", STRING),),
        STRING,
        _path_to_url,
        (
            ("pathToUrl('/none/app/conf.json')", "file:/none/app/conf.json"),
            ("pathToUrl(null)", None),
            ("pathToUrl('/')", "file:/"),
        ),
        pure=False,
    ),
    Function(
        "read",
        "Content of a file as a string; null when it cannot be read.",
        (_FILE,),
        STRING,
        _read,
        (("read('/no such/file')", None), ("read(null)", None)),
        pure=False,
    ),
    Function(
        "readProperties",
        "Content of a Java properties file as a map; null when it cannot be read.",
        (_FILE,),
        map_of(STRING),
        _read_properties,
        (("readProperties('/no such/file')['db.host']", None), ("readProperties(null)", None)),
        pure=False,
    ),
    Function(
        "readWithCharset",
        "Content of a file as a string, in a given charset; null when it cannot be read.",
        (_FILE, Parameter("charset", STRING, "such as ISO-8859-1")),
        STRING,
        _read_with_charset,
        (("readWithCharset('/no such/file', 'UTF-8')", None), ("readWithCharset(null, 'UTF-8')", None)),
        pure=False,
    ),
)
