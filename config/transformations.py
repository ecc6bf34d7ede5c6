"""Transformations: JSON objects with one `$`-key that stand for a converted value, such as `{"$int": "&{port|8080}"}`.

Done after tokens are replaced and before expressions are read, innermost first. Follows the documented entry
Transformations (config-files.yaml).
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Callable
from typing import Any

from config.read_json import SURROGATE, read_json
from config.values import List, Map, Text, Unknown, Value, placed, plain, rebuilt
from expr.diagnostic import Code, Diagnostic, DiagnosticError, Severity, declare
from expr.source import Source

TRANSFORMATION_ARGUMENT = declare(
    Code(
        "GW120",
        "transformation-argument",
        "a transformation of something that it cannot transform",
        "The argument of a transformation is a string, usually with tokens, or another transformation.",
        bad='{"handler": {"type": "StaticResponseHandler", "config": {"status": {"$int": true}}}}',
        good='{"handler": {"type": "StaticResponseHandler", "config": {"status": {"$int": "&{status|200}"}}}}',
    )
)
TRANSFORMATION_NULL = declare(
    Code(
        "GW121",
        "transformation-null",
        "a transformation whose result is null because the text is no such value",
        "`$int` and `$number` of a text that is no number are null, `$bool` of anything but `true` is false.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"handler": {"type": "StaticResponseHandler", "config": {"status": {"$int": "two hundred"}}}}',
        good='{"handler": {"type": "StaticResponseHandler", "config": {"status": {"$int": "200"}}}}',
    )
)
UNKNOWN_TRANSFORMATION = declare(
    Code(
        "GW122",
        "unknown-transformation",
        "an object with one $-key that looks like a transformation and is none",
        "An object whose key is no known transformation is a plain object.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"handler": {"type": "StaticResponseHandler", "config": {"status": {"$integer": "200"}}}}',
        good='{"handler": {"type": "StaticResponseHandler", "config": {"status": {"$int": "200"}}}}',
    )
)

CHARSET = "$charset"
_INTEGER = re.compile(r"[+-]?[0-9]{1,309}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,309}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_WRONG_NAMES = {
    "$integer": "$int",
    "$long": "$int",
    "$float": "$number",
    "$double": "$number",
    "$boolean": "$bool",
    "$map": "$object",
    "$str": "$string",
    "$base64encode": "$base64:encode",
    "$base64decode": "$base64:decode",
    "$base64": "$base64:decode",
    "$inline": "",
}


class _Failure(Exception):
    """What is wrong with the argument of a transformation, and what to do about it."""

    def __init__(self, message: str, remedy: str = "", code: Code = TRANSFORMATION_ARGUMENT) -> None:
        super().__init__(message)
        self.message, self.remedy, self.code = message, remedy, code


def transform(tree: Value, findings: list[Diagnostic], *, lint: bool = False) -> Value:
    """The tree with its transformations done; what holds none is the same object.

    What does not stop a load is added to the findings. Errors are raised together as DiagnosticError; with `lint` they
    are added to the findings too, and their place in the tree is `Unknown`, as is the transformation of an `Unknown`.
    """
    errors: list[Diagnostic] = findings if lint else []
    changed = _Transformation(errors, findings).value(tree)
    if errors and not lint:
        raise DiagnosticError(errors)
    return changed


class _Transformation:
    def __init__(self, errors: list[Diagnostic], findings: list[Diagnostic]) -> None:
        self.errors = errors
        self.findings = findings

    def value(self, value: Value) -> Value:
        if isinstance(value, Map):
            changes = {key: new for key, old in value.items() if (new := self.value(old)) is not old}
            made = rebuilt(value, {**value, **changes}.items()) if changes else value
            return self.transformed(made) if len(made) <= 2 else made
        if isinstance(value, List):
            items = [self.value(item) for item in value]
            return (
                rebuilt(value, items) if any(new is not old for new, old in zip(items, value, strict=True)) else value
            )
        return value

    def transformed(self, value: Map) -> Value:
        name = next((key for key in value if key.startswith("$") and key != CHARSET), "")
        function = TRANSFORMATIONS.get(name)
        if function is None or not (len(value) == 1 or (CHARSET in value and name.startswith("$base64:"))):
            self._check_name(value, name)
            return value
        argument = value[name]
        if argument is None:
            return None
        charset = value.get(CHARSET)
        if isinstance(argument, Unknown) or isinstance(charset, Unknown):
            source, span = (
                (argument.source, argument.span) if isinstance(argument, Unknown) else (value.source, value.span)
            )
            return Unknown(str(argument), source, span, exact=False, transformation=name)
        try:
            return function(self, value, argument)
        except _Failure as failure:
            self._report(failure, value, name)
        except DiagnosticError as error:
            first = error.diagnostics[0]
            self._report(_Failure(f"{name}: {first.message}", first.help), value, name)
        return Unknown("", value.source, value.span, exact=False, transformation=name)

    def advise(self, message: str, value: Map, name: str, remedy: str) -> None:
        found = Diagnostic(TRANSFORMATION_NULL, message, value.source, value.value_span(name), remedy)
        self.findings.append(found)

    def _report(self, failure: _Failure, value: Map, name: str) -> None:
        span = value.value_span(name)
        self.errors.append(Diagnostic(failure.code, failure.message, value.source, span, failure.remedy))

    def _check_name(self, value: Map, name: str) -> None:
        if len(value) == 1 and name in _WRONG_NAMES:
            right = _WRONG_NAMES[name]
            remedy = f'did you mean "{right}"?' if right else 'read the file in an expression: "${read(...)}"'
            message = f'"{name}" is no transformation'
            self.findings.append(
                Diagnostic(UNKNOWN_TRANSFORMATION, message, value.source, value.key_span(name), remedy)
            )


def _text(name: str, argument: Value) -> str:
    if not isinstance(argument, str):
        kind = "an object" if isinstance(argument, dict) else "an array" if isinstance(argument, list) else "a literal"
        raise _Failure(f"the argument of {name} is {kind}", "write a string, or another transformation")
    return argument


def _int(run: _Transformation, value: Map, argument: Value) -> Value:
    if isinstance(argument, int) and not isinstance(argument, bool):
        return argument
    text = _text("$int", argument).strip()
    if _INTEGER.fullmatch(text):
        return int(text)
    run.advise(f'"{text}" is no integer, so that the value is null', value, "$int", "write digits only")
    return None


def _number(run: _Transformation, value: Map, argument: Value) -> Value:
    if isinstance(argument, int | float) and not isinstance(argument, bool):
        return argument
    text = _text("$number", argument).strip()
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text) and abs(float(text)) != float("inf"):
        return float(text)
    run.advise(f'"{text}" is no number, so that the value is null', value, "$number", "write a number, such as 1.5")
    return None


def _bool(run: _Transformation, value: Map, argument: Value) -> Value:
    if isinstance(argument, bool):
        return argument
    text = _text("$bool", argument)
    if text.lower() not in ("true", "false"):
        run.advise(f'"{text}" is neither true nor false, and counts as false', value, "$bool", "write true or false")
    return text.lower() == "true"


def _string(run: _Transformation, value: Map, argument: Value) -> Value:
    return _text("$string", argument) and argument


def _list(run: _Transformation, value: Map, argument: Value) -> Value:
    if isinstance(argument, list):
        return argument
    parts = [part.strip() for part in _text("$list", argument).split(",")]
    return placed([] if parts == [""] else parts, value.source, value.span)


def _array(run: _Transformation, value: Map, argument: Value) -> Value:
    return argument if isinstance(argument, list) else _json("$array", value, argument, list, "an array")


def _object(run: _Transformation, value: Map, argument: Value) -> Value:
    return argument if isinstance(argument, dict) else _json("$object", value, argument, dict, "an object")


def _json(name: str, value: Map, argument: Value, kind: type, noun: str) -> Value:
    found = read_json(Source("<text>", _text(name, argument)))
    if not isinstance(found, kind):
        raise _Failure(f"the text of {name} is not {noun} in JSON", f"write {noun} of JSON in the string")
    return placed(plain(found), value.source, value.span)


def _encode(run: _Transformation, value: Map, argument: Value) -> Value:
    codec = _codec(value)
    text = _text("$base64:encode", argument)
    try:
        # Java writes UTF-16 with the mark of its byte order first, and the high byte first.
        content = codecs.BOM_UTF16_BE + text.encode("utf-16-be") if codec == "utf-16" else text.encode(codec)
    except UnicodeError:
        raise _Failure(f"a character of the text has no code in {value[CHARSET]}", "use another charset") from None
    return _placed_text(base64.b64encode(content).decode(), value)


def _decode(run: _Transformation, value: Map, argument: Value) -> Value:
    codec = _codec(value)
    text = re.sub(r"\s", "", _text("$base64:decode", argument)).rstrip("=")
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise _Failure("the text of $base64:decode is not base64", "encode it: A-Z, a-z, 0-9, + and /") from None
    try:
        decoded = content.decode(codec)
    except UnicodeError:
        decoded = "\ud800"
    if SURROGATE.search(decoded):
        raise _Failure(f"the decoded bytes are not {value.get(CHARSET) or 'UTF-8'}", 'name their charset in "$charset"')
    return _placed_text(decoded, value)


def _placed_text(text: str, value: Map) -> Text:
    return Text(text, value.source, value.span, exact=False)


def _codec(value: Map) -> str:
    """Python's name of the charset; those that are no charsets for Python (rot13, hex) are none here."""
    named = value.get(CHARSET)
    if named is None:
        return "utf-8"
    try:
        codec = codecs.lookup(_text(CHARSET, named))
        if b"a".decode(codec.name) and "a".encode(codec.name):
            return codec.name
    except (LookupError, UnicodeError, ValueError):
        if str(named).replace("-", "").replace("_", "").lower() in ("utf16", "utf16be", "utf16le", "utf32"):
            return codecs.lookup(str(named)).name
    raise _Failure(f'"{named}" is no charset', "write UTF-8, ISO-8859-1, US-ASCII, UTF-16, ...")


TRANSFORMATIONS: dict[str, Callable[[_Transformation, Map, Any], Value]] = {
    "$int": _int,
    "$number": _number,
    "$bool": _bool,
    "$string": _string,
    "$list": _list,
    "$array": _array,
    "$object": _object,
    "$base64:encode": _encode,
    "$base64:decode": _decode,
}
