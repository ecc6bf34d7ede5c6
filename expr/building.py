"""Builds templates: parses, checks and remembers them. Imported when the first real expression is met."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from threading import Lock
from typing import Any

from expr import codes, tree
from expr.check import Checker
from expr.compile import Emitter, write_template
from expr.diagnostic import DiagnosticError, Severity
from expr.parse import parse
from expr.reads import Reads
from expr.scope import IMPLICIT, Environment
from expr.source import Source, Span
from expr.split import Part, split
from expr.template import CACHE_SIZE, Checked, Template
from expr.types import ANY, BOOLEAN, NULL, NUMBER, STRING, Type, possible
from expr.values import text as text_of
from expr.words import article

Parts = list[str | tree.Node]
_NAME = re.compile(r"[\w$]+")
_CACHE: dict[tuple[str, Environment, Type, frozenset[str]], Template | DiagnosticError] = {}
_LOCK = Lock()


def build(text: str, environment: Environment, expects: Type, properties: Mapping[str, object]) -> Template:
    """The template of a text with expressions; raises DiagnosticError."""
    parts = _trees(text)
    if isinstance(parts, DiagnosticError):
        raise DiagnosticError(parts.diagnostics)
    others: frozenset[str] = frozenset()
    if properties:
        # Words of the text, which is more than its names: to build twice what is equal does no harm.
        free = {word for word in _NAME.findall(text) if word not in environment.names and word not in IMPLICIT}
        if not free.isdisjoint(properties):
            return _template(text, environment, expects, properties, parts)
        others = frozenset(properties)  # an unknown name is helped with the names of properties
    return _remembered((text, environment, expects, others), properties, parts)


def _remembered(
    key: tuple[str, Environment, Type, frozenset[str]], properties: Mapping[str, object], parts: Parts
) -> Template:
    found = _CACHE.get(key)
    if found is None:
        try:
            found = _template(*key[:3], properties, parts)
        except DiagnosticError as error:
            found = error
        with _LOCK:
            while len(_CACHE) >= CACHE_SIZE:
                _CACHE.pop(next(iter(_CACHE)))
            _CACHE[key] = found
    if isinstance(found, DiagnosticError):
        raise DiagnosticError(found.diagnostics)
    return found


@lru_cache(maxsize=CACHE_SIZE)
def _trees(text: str) -> Parts | DiagnosticError:
    try:
        return [_tree(text, part) for part in split(text)]
    except DiagnosticError as error:
        return error


def _tree(text: str, part: Part) -> str | tree.Node:
    return part.text if part.text is not None else parse(text, part.start, part.end)


def _template(
    text: str, environment: Environment, expects: Type, properties: Mapping[str, object], parts: Parts
) -> Template:
    checker = Checker(Source("<expression>", text), environment, properties)
    for part in parts:
        if not isinstance(part, str):
            checker.check(part)
    _check_result(checker, text, parts, expects)
    if any(finding.code.stops_load for finding in checker.findings):
        raise DiagnosticError(checker.findings)
    return Template(text, environment, expects, Work(checker, parts))


class Work:
    """What a template keeps for the time when it is compiled."""

    def __init__(self, checker: Checker, parts: Parts) -> None:
        self.checker = checker
        self.parts: Parts = parts or [""]
        self.findings = tuple(checker.findings)
        self.reads: Reads = checker.reads.result()
        self.single = len(self.parts) == 1 and not isinstance(self.parts[0], str)
        self.type = checker.known[id(parts[0])].type if self.single else STRING
        self.constant = all(isinstance(part, str) or checker.known[id(part)].constant for part in self.parts)

    @property
    def value(self) -> Any:
        known = self.checker.known
        values = [part if isinstance(part, str) else known[id(part)].value for part in self.parts]
        return values[0] if len(values) == 1 else "".join(map(text_of, values))

    def function(self, template: Template) -> Callable[..., Any]:
        emitter = Emitter(self.checker)
        write_template(emitter, self.parts, template.expects, template.counted_as_null)
        return emitter.function(template.environment.parameters)


def check_text(text: str, environment: Environment, expects: Type) -> Checked:
    """What is wrong with text where the property needs another kind of value."""
    checker = Checker(Source("<expression>", text), environment, {})
    _text_result(checker, text, expects)
    return Work(checker, [text])


def _check_result(checker: Checker, text: str, parts: list[str | tree.Node], expects: Type) -> None:
    if expects is ANY:
        return
    if len(parts) != 1 or isinstance(parts[0], str):
        if expects is not STRING:
            _text_result(checker, text, expects)
        return
    known = checker.known[id(parts[0])]
    if any(finding.level is Severity.ERROR for finding in checker.findings):
        return  # what its type would have been is of no interest then
    if known.type is not NULL and not possible(known.type, expects):
        message = f"this is {article(known.type)}, and the property needs {article(expects)}: it counts as null"
        checker.report(codes.RESULT, message, parts[0].span, _conversion(expects))


def _conversion(expects: Type) -> str:
    conversions = {
        STRING: "toString(...) makes text of it, and so does text around the expression",
        BOOLEAN: "bool(...) reads text, and comparisons give booleans",
        NUMBER: "integer(...) reads text",
    }
    return conversions.get(expects, "")


def _text_result(checker: Checker, text: str, expects: Type) -> None:
    stripped = text.strip()
    hint = ""
    if expects is BOOLEAN and stripped.lower() in ("true", "false"):
        hint = f'write {stripped.lower()} without quotes, or "${{{stripped.lower()}}}"'
    elif stripped != text and stripped.startswith(("${", "#{")):
        hint = "remove the blanks around the expression"
    elif "${" in text or "#{" in text:
        hint = "text beside an expression makes a string of it: put everything into one expression"
    message = f"this is a string, and the property needs {article(expects)}: it counts as null"
    checker.report(codes.TEXT_RESULT, message, Span(0, len(text)), hint)
