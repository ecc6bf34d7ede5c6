"""Loads the small grammars of the configuration language when the first text needs them: Lark is slow to import."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lark import Lark


@cache
def grammar(name: str) -> Lark:
    """The LALR parser of `grammar/NAME.lark`."""
    from lark import Lark

    text = files("grammar").joinpath(f"{name}.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", propagate_positions=True, maybe_placeholders=False)
