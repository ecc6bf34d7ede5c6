"""Templates: text with expressions, compiled for one kind of place and one kind of result.

A template that is one expression keeps the type of its value; any other is a string. A value that is not of the
expected type counts as null: there is no conversion of a result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from expr.reads import Reads
from expr.scope import Environment
from expr.types import ANY, STRING, Type

if TYPE_CHECKING:
    from expr.diagnostic import Diagnostic
    from expr.tree import Node

CACHE_SIZE = 8192


class Checked(Protocol):
    """What checking found out of a template."""

    parts: list[str | Node]
    findings: tuple[Diagnostic, ...]
    reads: Reads
    single: bool
    type: Type
    constant: bool

    @property
    def value(self) -> Any:
        """The value of a constant template."""

    def function(self, template: Template) -> Callable[..., Any]:
        """Compile the template."""


class Template:
    """A compiled template. Call it with the values of the parameters of its environment, in their order.

    `evaluate` is the same as a plain function, for those who call it often. Raises EvaluationError when the evaluation
    fails; a result of a wrong type is null, and says so in the log.
    """

    __slots__ = ("checked", "constant", "environment", "evaluate", "expects", "findings", "reads", "text", "type")

    def __init__(self, text: str, environment: Environment, expects: Type, checked: Checked) -> None:
        self.text = text
        self.environment = environment
        self.expects = expects
        self.checked = checked
        self.constant = checked.constant
        self.reads = checked.reads
        self.findings = checked.findings
        self.type = checked.type
        self.evaluate: Callable[..., Any] = self._fixed() if self.constant else self._first

    def __call__(self, *parameters: Any) -> Any:
        return self.evaluate(*parameters)

    def __repr__(self) -> str:
        return f"Template({self.text!r})"

    @property
    def expressions(self) -> tuple[Node, ...]:
        """The trees of the expressions in the template."""
        return tuple(part for part in self.checked.parts if not isinstance(part, str))

    @property
    def single(self) -> bool:
        """Is the template one expression and nothing else?"""
        return self.checked.single

    def prepare(self) -> Template:
        """Compile now what the first call would compile."""
        if self.evaluate == self._first:
            self.evaluate = self.checked.function(self)
        return self

    def _first(self, *parameters: Any) -> Any:
        return self.prepare().evaluate(*parameters)

    def _fixed(self) -> Callable[..., Any]:
        value = self.checked.value
        if self.mismatch(value):
            return lambda *_: self.counted_as_null(value)
        return lambda *_: value

    def mismatch(self, value: Any) -> str:
        """Why a value counts as null, or an empty text when it does not."""
        from expr.coerce import accepts, kind
        from expr.words import article

        if value is None or self.expects is ANY or accepts(self.expects, value):
            return ""
        return f"the value is {kind(value)}, not {article(self.expects)}: it counts as null"

    def counted_as_null(self, value: Any) -> Any:
        """The value when it is of the expected type after all; else null, with a line in the log."""
        reason = self.mismatch(value)
        if not reason:
            return value
        import logging

        logging.getLogger("gatewright.expr").info("%s: %s", self.text, reason)
        return None


class _PlainText:
    """Text without an expression, where text is wanted."""

    findings: tuple[Diagnostic, ...] = ()
    reads = Reads()
    single = False
    type = STRING
    constant = True

    def __init__(self, text: str) -> None:
        self.value = text
        self.parts: list[str | Node] = [text]

    def function(self, template: Template) -> Callable[..., Any]:
        return template.evaluate


def compile_template(
    text: str,
    *,
    environment: Environment,
    expects: Type = ANY,
    properties: Mapping[str, object] | None = None,
) -> Template:
    """Compile a template; raises DiagnosticError when it does not compile.

    `properties` are the heap properties in scope: names with values that stay, or with a Type where the value is not
    known (as in lint). Equal templates are compiled once.
    """
    if "${" not in text and "#{" not in text:
        return _plain(text, environment, expects)
    from expr.building import build

    return build(text, environment, expects, properties or {})


@lru_cache(maxsize=CACHE_SIZE)
def _plain(text: str, environment: Environment, expects: Type) -> Template:
    if expects is ANY or expects is STRING:
        return Template(text, environment, expects, _PlainText(text))
    from expr.building import check_text

    return Template(text, environment, expects, check_text(text, environment, expects))
