"""Templates: text with expressions, compiled for one kind of place and one kind of result.

A template that is one expression keeps the type of its value; any other is a string. A value that is not of the expected
type counts as null: there is no conversion of a result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from threading import Lock
from typing import Any

from expr import codes, tree
from expr.check import Checker
from expr.check_operators import article
from expr.coerce import accepts, kind
from expr.compile import Emitter, write_template
from expr.diagnostic import Diagnostic, DiagnosticError
from expr.parse import parse
from expr.reads import Reads
from expr.scope import IMPLICIT, Environment
from expr.source import Source, Span
from expr.split import Part, split
from expr.types import ANY, BOOLEAN, NULL, NUMBER, STRING, Type, possible

Evaluate = Callable[..., Any]
CACHE_SIZE = 8192
NO_READS = Reads()


class Template:
    """A compiled template. Call it with the values of the parameters of its environment, in their order.

    `evaluate` is the same as a plain function, for those who call it often. Raises EvaluationError when the evaluation
    fails; a result of a wrong type is null, and says so in the log.
    """

    __slots__ = (
        "_checker",
        "_parts",
        "constant",
        "environment",
        "evaluate",
        "expects",
        "findings",
        "reads",
        "text",
        "type",
    )

    def __init__(
        self, text: str, environment: Environment, expects: Type, parts: list[str | tree.Node], checker: Checker
    ) -> None:
        self.text = text
        self.environment = environment
        self.expects = expects
        self._parts = parts
        self._checker = checker
        self.type = _type(parts, checker)
        self.reads = checker.reads.result() if checker.known else NO_READS
        self.findings: tuple[Diagnostic, ...] = tuple(checker.findings)
        self.constant = all(isinstance(part, str) or checker.known[id(part)].constant for part in parts)
        self.evaluate: Evaluate = self._constant() if self.constant else self._first

    def __call__(self, *parameters: Any) -> Any:
        return self.evaluate(*parameters)

    def __repr__(self) -> str:
        return f"Template({self.text!r})"

    @property
    def expressions(self) -> tuple[tree.Node, ...]:
        """The trees of the expressions in the template."""
        return tuple(part for part in self._parts if not isinstance(part, str))

    @property
    def single(self) -> bool:
        """Is the template one expression and nothing else?"""
        return len(self._parts) == 1 and not isinstance(self._parts[0], str)

    def prepare(self) -> Template:
        """Compile now what the first call would compile."""
        if not self.constant and self.evaluate == self._first:
            emitter = Emitter(self._checker)
            write_template(emitter, self._parts, self.expects, self._mismatched)
            self.evaluate = emitter.function(self.environment.parameters)
        return self

    def _first(self, *parameters: Any) -> Any:
        return self.prepare().evaluate(*parameters)

    def _constant(self) -> Evaluate:
        from expr.values import text

        known = self._checker.known
        values = [part if isinstance(part, str) else known[id(part)].value for part in self._parts]
        value = values[0] if len(values) == 1 else "".join(map(text, values))
        if not values:
            value = ""
        if value is not None and self.expects is not ANY and not accepts(self.expects, value):
            return lambda *_: self._mismatched(value)
        return lambda *_: value

    def mismatch(self, value: Any) -> str:
        """Why a value counts as null, or an empty text when it does not."""
        if value is None or self.expects is ANY or accepts(self.expects, value):
            return ""
        return f"the value is {kind(value)}, not {article(self.expects)}: it counts as null"

    def _mismatched(self, value: Any) -> Any:
        reason = self.mismatch(value)
        if not reason:
            return value
        import logging

        logging.getLogger("gatewright.expr").info("%s: %s", self.text, reason)
        return None


def _type(parts: list[str | tree.Node], checker: Checker) -> Type:
    return checker.known[id(parts[0])].type if len(parts) == 1 and not isinstance(parts[0], str) else STRING


def compile_template(
    text: str,
    *,
    environment: Environment,
    expects: Type = ANY,
    properties: Mapping[str, object] | None = None,
) -> Template:
    """Compile a template; raises DiagnosticError when it does not compile.

    `properties` are the heap properties in scope: names with values that stay, or with a Type where the value is not known (as in
    lint). Equal templates are compiled once.
    """
    if "${" not in text and "#{" not in text:
        return _plain(text, environment, expects)
    trees = _trees(text)
    if isinstance(trees, DiagnosticError):
        raise DiagnosticError(trees.diagnostics)
    used = _used_properties(trees, environment, properties)
    if used:
        return _compiled(text, environment, expects, properties or {}, trees)
    return _cached(text, environment, expects, trees, properties)


_CACHE: dict[tuple[str, Environment, Type, frozenset[str]], Template | DiagnosticError] = {}
_LOCK = Lock()


def _cached(
    text: str, environment: Environment, expects: Type, trees: Trees, properties: Mapping[str, object] | None
) -> Template:
    # Names of properties matter only to the help of an unknown name.
    others = frozenset(properties or ()) if trees.names - environment.names.keys() - IMPLICIT.keys() else frozenset()
    key = (text, environment, expects, others)
    found = _CACHE.get(key)
    if found is None:
        try:
            found = _compiled(text, environment, expects, properties or {}, trees)
        except DiagnosticError as error:
            found = error
        with _LOCK:
            while len(_CACHE) >= CACHE_SIZE:
                _CACHE.pop(next(iter(_CACHE)))
            _CACHE[key] = found
    if isinstance(found, DiagnosticError):
        raise DiagnosticError(found.diagnostics)
    return found


class Trees:
    """The parsed parts of a text, and the names that its expressions mention."""

    __slots__ = ("names", "parts")

    def __init__(self, parts: list[str | tree.Node]) -> None:
        self.parts = parts
        self.names = {name for part in parts if not isinstance(part, str) for name in _names(part)}


@lru_cache(maxsize=CACHE_SIZE)
def _trees(text: str) -> Trees | DiagnosticError:
    try:
        return Trees([_tree(text, part) for part in split(text)])
    except DiagnosticError as error:
        return error


def _tree(text: str, part: Part) -> str | tree.Node:
    return part.text if part.text is not None else parse(text, part.start, part.end)


def _names(node: tree.Node) -> set[str]:
    found = {node.name} if isinstance(node, tree.Identifier) else set()
    return found.union(*map(_names, tree.children(node)))


def _used_properties(trees: Trees, environment: Environment, properties: Mapping[str, object] | None) -> bool:
    return bool(properties) and any(
        name in (properties or ()) and name not in environment.names and name not in IMPLICIT for name in trees.names
    )


@lru_cache(maxsize=CACHE_SIZE)
def _plain(text: str, environment: Environment, expects: Type) -> Template:
    checker = Checker(Source("<expression>", text), environment, {})
    if expects not in (ANY, STRING):
        _text_result(checker, text, expects)
    return Template(text, environment, expects, [text], checker)


def _compiled(
    text: str, environment: Environment, expects: Type, properties: Mapping[str, object], trees: Trees
) -> Template:
    checker = Checker(Source("<expression>", text), environment, properties)
    for part in trees.parts:
        if not isinstance(part, str):
            checker.check(part)
    _check_result(checker, text, trees.parts, expects)
    stopping = [finding for finding in checker.findings if finding.code.stops_load]
    if stopping:
        raise DiagnosticError(checker.findings)
    return Template(text, environment, expects, trees.parts or [""], checker)


def _check_result(checker: Checker, text: str, parts: list[str | tree.Node], expects: Type) -> None:
    if expects is ANY:
        return
    if len(parts) != 1 or isinstance(parts[0], str):
        if expects is not STRING:
            _text_result(checker, text, expects)
        return
    known = checker.known[id(parts[0])]
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
