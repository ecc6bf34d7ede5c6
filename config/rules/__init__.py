"""Rules of lint that see further than one property: one module each, with its code, its documentation and examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from config.rules import contexts
from expr.diagnostic import Diagnostic

if TYPE_CHECKING:
    from config.lint import Project

Rule = Callable[["Project"], Iterable[Diagnostic]]

RULES: tuple[Rule, ...] = (contexts.check,)
