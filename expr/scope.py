"""Which names an expression sees: what its host binds, and the implicit objects that every expression has.

A host declares an `Environment`: the parameters of the functions that expressions compile to, and for each name a
Python expression over these parameters with the type of its value. `env`, `system`, `openig`, `now` are always there
and cannot be shadowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from expr.types import INSTANT, STRING, StructType, Type, map_of


@dataclass(frozen=True)
class Name:
    """A name in scope: `source` is a Python expression over the parameters of the environment."""

    source: str
    type: Type
    reads: str | None = None
    """What reading it touches: "request", "response", "session", "contexts", "attributes", or None."""
    doc: str = ""
    item: str = ""
    """A shorter way to an item whose key is constant: Python source with `{}` for the key, `"context.find({})"`."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other spellings of keys that `item` has to know by their own."""


@dataclass(frozen=True, eq=False)
class Environment:
    """The names in scope at one kind of place. Compared by identity: declare each once.

    `missing` are names that exist elsewhere but not here, with the reason for the help line of a diagnostic:
    `{"response": "there is no response before the next handler has answered"}`. Their value is null, as the language
    has it.
    """

    parameters: tuple[str, ...] = ()
    names: Mapping[str, Name] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    title: str = "this expression"

    def extended(self, names: Mapping[str, Name], *parameters: str, title: str = "") -> Environment:
        """The same names and some more (`heap` in script arguments, `exception` in a retry condition)."""
        return Environment(
            self.parameters + parameters,
            {**self.names, **names},
            {k: v for k, v in self.missing.items() if k not in names},
            title or self.title,
        )


IMPLICIT: Mapping[str, Name] = {
    "env": Name("implicit.env", map_of(STRING), "env", "Environment variables."),
    "system": Name("implicit.system", map_of(STRING), "system", "System properties."),
    "openig": Name(
        "implicit.openig",
        StructType(
            "openig",
            dict.fromkeys(("baseDirectory", "configDirectory", "temporaryDirectory"), STRING),
            value=STRING,
        ),
        "openig",
        "Directories of the instance.",
    ),
    "now": Name("now", INSTANT, "now", "The instant at which an evaluation first reads it."),
}
"""What every expression sees, under names that nothing shadows."""
NOT_IN_CONFIGURATION = "a configuration expression is evaluated once, before there is any request"
CONFIGURATION = Environment(
    missing=dict.fromkeys(
        ("request", "response", "context", "contexts", "attributes", "session", "exception"), NOT_IN_CONFIGURATION
    ),
    title="a configuration expression",
)
"""Configuration expressions: functions, `env`, `system`, `openig`, `now` and heap properties only."""


class Implicit:
    """The objects behind `env`, `system` and `openig`, read anew by each evaluation.

    The gateway sets `openig` and adds to `system` when it starts; `gatewright eval` and tests put their own maps here.
    """

    __slots__ = ("_system", "env", "openig")

    def __init__(self) -> None:
        import os

        self.env: Mapping[str, str] = os.environ
        self.openig: Mapping[str, Any] = {}
        self._system: Mapping[str, str] | None = None

    @property
    def system(self) -> Mapping[str, str]:
        if self._system is None:
            from expr.system import system_properties

            self._system = system_properties()
        return self._system

    @system.setter
    def system(self, value: Mapping[str, str] | None) -> None:
        self._system = value


implicit = Implicit()
