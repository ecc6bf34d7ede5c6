"""The types of properties, which say when a value is known.

`Static[T]` is evaluated once, when the object is built; `Runtime[T]` and `Condition` are compiled then and evaluated
for each exchange; `Ref[T]` stands for another object. `Duration`, `SecretId`, `Url`, `Pattern` are static texts with a
form of their own. Each works in pydantic declarations, and finds the load in progress in the validation context.
Follows the documented page "Field value conventions" (config-files.yaml).
"""

from __future__ import annotations

from config.kinds import EXPECTED, EXPECTS, accepts, expected, is_expression, kind_of, needs_preparation
from config.references import Ref
from config.runtime import (
    ALWAYS,
    Condition,
    ConditionOnResponse,
    Literal,
    Runtime,
    RuntimeOnException,
    RuntimeOnResponse,
    Target,
    Tree,
)
from config.static import Duration, FormerlySeconds, OneOrMore, Pattern, SecretId, Static, Url

__all__ = [
    "ALWAYS",
    "EXPECTED",
    "EXPECTS",
    "Condition",
    "ConditionOnResponse",
    "Duration",
    "FormerlySeconds",
    "Literal",
    "OneOrMore",
    "Pattern",
    "Ref",
    "Runtime",
    "RuntimeOnException",
    "RuntimeOnResponse",
    "SecretId",
    "Static",
    "Target",
    "Tree",
    "Url",
    "accepts",
    "expected",
    "is_expression",
    "kind_of",
    "needs_preparation",
]
