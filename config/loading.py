"""What property types need of the load in progress: the pydantic validation context.

`config.heap` builds objects with one implementation, `config.check` lints with another; a property type cannot tell
which of the two it serves.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from expr import Environment, LValue, Template, types
from expr.diagnostic import Code, Diagnostic


class Side(StrEnum):
    """When a runtime expression is evaluated: before the next element answered, or after."""

    REQUEST = "request"
    RESPONSE = "response"
    EXCEPTION = "exception"


@dataclass(frozen=True)
class RuntimeSupport:
    """What the gateway tells the configuration language about its runtime expressions."""

    environments: dict[Side, Environment]
    """The names that each side sees; all have the same parameters."""
    prepare: Callable[..., Awaitable[None]]
    """`prepare(reads, *parameters)` makes what an expression reads readable: buffers an entity, loads a session."""


class Loading(ABC):
    """The load of one configuration file, as its property types see it."""

    runtime: RuntimeSupport
    null_is_error: bool = False
    """Is a null told where it stands, although pydantic knows no default for it? See `config.decode`."""

    @abstractmethod
    def compile(self, text: str, expects: types.Type, side: Side) -> Template:
        """Compile a runtime expression; problems are raised by `config.problem.reported`."""

    @abstractmethod
    def compile_target(self, text: str, side: Side) -> LValue:
        """Compile an l-value expression."""

    @abstractmethod
    def evaluate(self, text: str, expects: types.Type) -> object:
        """Value of a configuration expression, or None; raises `unknown()` where lint cannot know it."""

    @abstractmethod
    def reference(self, value: object, kind: type, property_name: str) -> Any:
        """The object that a name or an inline declaration stands for."""

    @abstractmethod
    def advise(self, code: Code, message: str, value: object, help: str = "", instead: str = "") -> None:  # noqa: A002
        """Report something that does not stop the load, at the place of a value.

        `instead` is what means the same, as JSON spells it.
        """

    @abstractmethod
    def advise_key(self, code: Code, message: str, values: dict[str, Any], key: str, help: str = "") -> None:  # noqa: A002
        """Report something that does not stop the load, at a key of an object; `help` may be a `Renamed`."""

    @abstractmethod
    def found(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        """Report findings that have their places already."""

    @abstractmethod
    def place(self, value: object) -> str:
        """Name of the object that is loaded, for log lines of its expressions."""
