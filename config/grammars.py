"""Loads the small grammars of the configuration language, when the first text needs one."""

from __future__ import annotations

from importlib.resources import files

from expr.lalr import Action, Parser, load_table


def parser(name: str, actions: dict[str, Action], word: str) -> Parser:
    """The parser of `grammar/NAME.lark` with one action for each rule; `word` is its terminal for names."""
    grammar = files("grammar").joinpath(f"{name}.lark").read_text(encoding="utf-8")
    return Parser(load_table(grammar, "start", word), actions, word)
