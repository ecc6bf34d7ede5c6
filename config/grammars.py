"""Loads the small grammars of the configuration language, when the first text needs one."""

from __future__ import annotations

from pathlib import Path

from expr.lalr import Action, Parser, load_table

DIRECTORY = Path(__file__).parent.parent / "grammar"
"""Beside the packages, in a checkout as in an installation. (`importlib.resources` knows no data folder that is no
package, in an editable installation.)"""


def parser(name: str, actions: dict[str, Action], word: str) -> Parser:
    """The parser of `grammar/NAME.lark` with one action for each rule; `word` is its terminal for names."""
    grammar = (DIRECTORY / f"{name}.lark").read_text(encoding="utf-8")
    return Parser(load_table(grammar, "start", word), actions, word)
