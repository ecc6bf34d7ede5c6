"""Expressions that name a place to write to: `${attributes.user}`, `${request.headers['X']}`.

Writing what cannot be written is no error: nothing happens, and the log says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from expr.errors import EvaluationError, warn
from expr.scope import Environment

if TYPE_CHECKING:
    from expr.diagnostic import Diagnostic
    from expr.reads import Reads
    from expr.types import Type


class Target(Protocol):
    """What checking found out of a place."""

    findings: tuple[Diagnostic, ...]
    reads: Reads
    type: Type
    locate: Callable[..., tuple[Any, Any]] | None
    """Function of the parameters: the object and the key to write; None when there is no such place."""


class LValue:
    """A compiled place. `set(value, *parameters)` writes to it."""

    __slots__ = ("_locate", "environment", "findings", "reads", "text", "type")

    def __init__(self, text: str, environment: Environment, target: Target) -> None:
        self.text = text
        self.environment = environment
        self.type = target.type
        self.reads = target.reads
        self.findings = target.findings
        self._locate = target.locate

    def set(self, value: Any, *parameters: Any) -> bool:
        """Write a value without converting it; false when nothing was written, which the log explains."""
        from expr.access import put

        reason = "it is no place to write to"
        if self._locate is not None:
            try:
                reason = put(*self._locate(*parameters), value)
            except EvaluationError as error:
                reason = str(error)
        if reason:
            warn(f"{self.text}: nothing is written: {reason}")
        return not reason

    def __repr__(self) -> str:
        return f"LValue({self.text!r})"


def compile_lvalue(text: str, environment: Environment, properties: Mapping[str, object] | None = None) -> LValue:
    """Compile a place to write to; raises DiagnosticError when the text is not one expression."""
    from expr.target import check_target

    return LValue(text, environment, check_target(text, environment, properties or {}))
