"""The functions of the language: one declaration each, in one module for each family.

A declaration is all there is of a function: the checker reads its parameters, `gatewright explain` its text, the test
run its examples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from expr.types import Type


class Parameter(NamedTuple):
    """A parameter; arguments are coerced to its type."""

    name: str
    type: Type
    doc: str = ""


class Function(NamedTuple):
    name: str
    doc: str
    """One sentence for people."""
    parameters: tuple[Parameter, ...]
    result: Type
    call: Callable[..., Any]
    examples: tuple[tuple[str, Any], ...]
    """Expressions with their values, executed by the test run."""
    variadic: bool = False
    """May the last parameter be given any number of times, also none?"""
    pure: bool = True
    """Does it give the same for the same arguments, so that constant calls are folded?"""
    extension: bool = False
    """Is it Gatewright's own?"""
    notes: str = ""
    prepared: Callable[[str], Callable[[Any], Any]] | None = None
    """For a literal last argument: the function of the first argument (never null) that is left, made once."""
    null: Any = None
    """What a prepared function gives for null."""

    def accepts(self, count: int) -> bool:
        """May it be called with so many arguments?"""
        return count >= len(self.parameters) - 1 if self.variadic else count == len(self.parameters)

    def parameter(self, index: int) -> Parameter:
        """The parameter that takes an argument."""
        return self.parameters[min(index, len(self.parameters) - 1)]

    @property
    def signature(self) -> str:
        names = [f"{parameter.name}: {parameter.type.name}" for parameter in self.parameters]
        return f"{self.name}({', '.join(names)}{'...' if self.variadic else ''})"


REMOVED: Mapping[str, str] = {"matches": "find", "matchingGroups": "findGroups", "escapeJson": "toString"}
"""Functions that are gone, with what to call instead."""


@cache
def functions() -> Mapping[str, Function]:
    """Every function by its name."""
    from expr.functions import (
        certificates,
        collections,
        encoding,
        extensions,
        files,
        network,
        numbers,
        patterns,
        texts,
        urls,
    )

    families = (
        certificates, collections, encoding, extensions, files, network, numbers, patterns, texts, urls,
    )  # fmt: skip
    return {function.name: function for family in families for function in family.FUNCTIONS}
