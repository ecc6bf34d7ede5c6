"""From the text of an expression to its tree, with the grammar of grammar/el.lark."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from expr import codes, tree
from expr.lalr import END, Action, Parser, Token, Unexpected, load_table
from expr.source import Span
from expr.split import failure
from expr.values import INTEGER_MAX

MAX_DEPTH = 64
"""How deep expressions may nest: what walks a tree recurses, and Python bounds both recursion and indentation."""

_CANONICAL = {
    "||": "or", "&&": "and", "!": "not", "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=",
    "div": "/", "mod": "%",
}  # fmt: skip
_CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class _Mistake(Exception):
    """An error that only the meaning of a token shows; becomes a diagnostic with the text around it."""


def parse(text: str, start: int, end: int) -> tree.Node:
    """The tree of the expression at a place of a template; raises DiagnosticError."""
    try:
        node: tree.Node = _parser().parse(text, start, end)
    except Unexpected as unexpected:
        raise _unexpected(text, unexpected, end) from None
    except _Mistake as mistake:
        code, message, span, hint = mistake.args
        raise failure(text, code, message, span, hint) from None
    return node


@cache
def _parser() -> Parser:
    from pathlib import Path  # importlib.resources knows no data folder of an editable installation

    grammar = (Path(__file__).parent.parent / "grammar" / "el.lark").read_text("utf-8")
    return Parser(load_table(grammar, "expression", "IDENTIFIER"), _ACTIONS, "IDENTIFIER")


def _depth(nodes: list[tree.Node], start: int, end: int) -> int:
    depth = 1
    for node in nodes:
        if node.depth >= depth:
            depth = node.depth + 1
    if depth > MAX_DEPTH:
        message = f"expression nested too deeply: more than {MAX_DEPTH} levels"
        raise _Mistake(codes.DEPTH, message, (start, end), "split it: put a part of it into an attribute first")
    return depth


def _chain(kind: type[tree.Chain]) -> Action:
    def build(parts: list[Any], start: int, end: int) -> tree.Node:
        operands = parts[::2]
        operators = tuple(_CANONICAL.get(token[1], token[1]) for token in parts[1::2])
        return kind(Span(start, end), _depth(operands, start, end), tuple(operands), operators)

    return build


def _logic(kind: type[tree.Logic]) -> Action:
    return lambda operands, start, end: kind(Span(start, end), _depth(operands, start, end), tuple(operands))


def _choice(parts: list[Any], start: int, end: int) -> tree.Node:
    return tree.Choice(Span(start, end), _depth(parts, start, end), *parts)


def _unary(parts: list[Any], start: int, end: int) -> tree.Node:
    operator, operand = parts
    name = _CANONICAL.get(operator[1], operator[1])
    return tree.Unary(Span(start, end), _depth([operand], start, end), name, operand)


def _path(parts: list[Any], start: int, end: int) -> tree.Node:
    return tree.Path(Span(start, end), _depth(parts, start, end), parts[0], tuple(parts[1:]))


def _name(token: Token) -> str:
    if token[1] == "instanceof":
        raise _Mistake(codes.SYNTAX, "'instanceof' is a reserved word without a meaning", token[2:], "")
    return token[1]


def _key(token: Token) -> tree.Literal:
    return tree.Literal(Span(token[2], token[3]), 1, _name(token))


def _property(parts: list[Any], start: int, end: int) -> tree.Node:
    return tree.Property(Span(start, end), 1, _key(parts[0]))


def _index(parts: list[Any], start: int, end: int) -> tree.Node:
    return tree.Property(Span(start, end), parts[0].depth, parts[0])


def _method(parts: list[Any], start: int, end: int) -> tree.Node:
    name, arguments = parts
    return tree.Method(Span(start, end), _depth(arguments, start, end), _key(name), tuple(arguments))


def _computed_method(parts: list[Any], start: int, end: int) -> tree.Node:
    key, arguments = parts
    return tree.Method(Span(start, end), _depth([key, *arguments], start, end), key, tuple(arguments))


def _identifier(parts: list[Any], start: int, end: int) -> tree.Node:
    return tree.Identifier(Span(start, end), 1, _name(parts[0]))


def _call(parts: list[Any], start: int, end: int) -> tree.Node:
    name, arguments = parts
    place = Span(name[2], name[3])
    return tree.Call(Span(start, end), _depth(arguments, start, end), _name(name), place, tuple(arguments))


def _literal(parts: list[Any], start: int, end: int) -> tree.Node:
    kind, text = parts[0][:2]
    span = Span(start, end)
    if kind == "STRING":
        return tree.Literal(span, 1, _string(text, start))
    if kind == "INTEGER":
        digits = text.lstrip("0") or "0"
        if len(digits) > 19 or int(digits) > INTEGER_MAX:
            message = f"the number {text[:24]} does not fit in 64 bits"
            raise _Mistake(codes.NUMBER, message, span, f"the largest integer is {INTEGER_MAX}")
        return tree.Literal(span, 1, int(digits))
    if kind == "FLOAT":
        return tree.Literal(span, 1, float(text))
    return tree.Literal(span, 1, _CONSTANTS[kind])


def _string(text: str, start: int) -> str:
    body = text[1:-1]
    if "\\" not in body:
        return body
    quote = text[0]
    for escape in _ESCAPE.finditer(body):
        if escape.group(1) not in (quote, "\\"):
            place = start + 1 + escape.start()
            message = f"'\\{escape.group(1)}' is no escape of a string literal"
            hint = f"only \\\\ and \\{quote} are; for a backslash itself write \\\\"
            raise _Mistake(codes.ESCAPE, message, (place, place + 2), hint)
    return _ESCAPE.sub(r"\1", body)


_ACTIONS: dict[str, Action] = {
    "choice": _choice,
    "disjunction": _logic(tree.Disjunction),
    "conjunction": _logic(tree.Conjunction),
    "equality": _chain(tree.Equality),
    "comparison": _chain(tree.Comparison),
    "sum": _chain(tree.Sum),
    "product": _chain(tree.Product),
    "unary": _unary,
    "path": _path,
    "property": _property,
    "index": _index,
    "method": _method,
    "computed_method": _computed_method,
    "identifier": _identifier,
    "call": _call,
    "arguments": lambda arguments, start, end: arguments,
    "literal": _literal,
}

_HINTS: dict[str, str] = {
    "=": "there is no assignment; compare with ==",
    "&": "logical and is && or and",
    "|": "logical or is || or or",
    "{": "there are no map literals, and expressions do not nest: write names and strings bare",
    "$": "expressions do not nest: write names and strings bare",
    ";": "an expression is one value",
}


def _unexpected(text: str, problem: Unexpected, end: int) -> Exception:
    start = problem.start
    if problem.token is None:
        char = text[start]
        if char in "'\"":
            return failure(
                text, codes.STRING, f"the string literal that begins with {char} has no closing quote", (start, end)
            )
        hint = _HINTS.get(char, "")
        return failure(text, codes.CHARACTER, f"{char!r} starts no token of an expression", (start, start + 1), hint)
    kind, word, start, stop = problem.token
    expected = _expected(problem.expected)
    if kind == END:
        stop = start + 1 if start < len(text) else start
        return failure(text, codes.SYNTAX, "the expression ends too early", (start, stop), expected)
    hint = expected
    if kind not in ("IDENTIFIER", "STRING", "INTEGER", "FLOAT") and word.isidentifier():
        hint = f"'{word}' is a reserved word: as a key write ['{word}']; {expected}"
    return failure(text, codes.SYNTAX, f"unexpected '{word[:40]}' in an expression", (start, stop), hint)


def _expected(terminals: frozenset[str]) -> str:
    if "STRING" in terminals:
        return "a value is expected here: a name, a literal, a function call or '('"
    names = {"RPAR": "')'", "RSQB": "']'", "COLON": "':'", "COMMA": "','", "IDENTIFIER": "a name"}
    found = [label for name, label in names.items() if name in terminals]
    if "PLUS" in terminals:
        found.append("an operator")
    if END in terminals:
        found.append("the end of the expression")
    return f"expected {' or '.join(found)}" if found else ""


Parse = Callable[[str, int, int], tree.Node]
