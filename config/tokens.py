"""Configuration tokens: `&{name|default}` in the strings of a configuration, replaced once while it loads.

The grammar is `grammar/tokens.lark`; where the values come from is `config.resolver`. Follows the documented entry
ConfigurationTokens (config-files.yaml).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from config.grammars import parser
from config.resolver import Resolver
from config.values import List, Map, Text, Unknown, Value, rebuilt
from expr.diagnostic import Code, Diagnostic, DiagnosticError, declare
from expr.lalr import Parser, Unexpected
from expr.source import Source, Span

TOKEN_SYNTAX = declare(
    Code(
        "GW110",
        "token-syntax",
        "a configuration token without the form &{name} or &{name|default}",
        "A name is made of letters, digits, dots, hyphens and underscores. Write `\\\\&{` (in JSON) for a text that "
        "begins like a token and is none.",
        bad='{"handler": {"type": "StaticResponseHandler", "config": {"status": 200, "reason": "&{reason"}}}',
        good='{"handler": {"type": "StaticResponseHandler", "config": {"status": 200, "reason": "&{reason|OK}"}}}',
    )
)
UNRESOLVED_TOKEN = declare(
    Code(
        "GW111",
        "unresolved-token",
        "a configuration token that nothing gives a value",
        "Looked up in this order: `properties` of the route and of what is around it, environment variables (`a.b` is "
        "`A_B`), system properties, token source files, built-in tokens, then the default: `&{a.b|default}`.",
    )
)
DEEPEST_TOKEN = 20


@dataclass(frozen=True)
class Literal:
    """Text that stands for itself, but for the backslash of an escape."""

    start: int
    end: int
    depth: int = 0


@dataclass(frozen=True)
class Token:
    """A token; its name is made of literals and of tokens."""

    name: tuple[Part, ...]
    default: tuple[Part, ...] | None
    is_env: bool
    start: int
    end: int
    depth: int


Part = Literal | Token


class UnresolvedError(Exception):
    """Nothing gives a token a value."""

    def __init__(self, name: str, span: Span) -> None:
        super().__init__(name)
        self.name = name
        self.span = span


class UnknownError(Exception):
    """The value of a token is not known here."""


def substitute(tree: Value, resolver: Resolver, findings: list[Diagnostic], *, lint: bool = False) -> Value:
    """The tree with its tokens replaced; what holds no token is the same object.

    Field names are left alone. A malformed token, or one that nothing defines, raises DiagnosticError with all of
    them. With `lint` nothing is raised: malformed tokens are added to the findings, and a text whose value depends on
    the machine that runs the gateway becomes `Unknown`.
    """
    errors: list[Diagnostic] = findings if lint else []
    changed = _Substitution(resolver, errors, lint).value(tree)
    if errors and not lint:
        raise DiagnosticError(errors)
    return changed


class _Substitution:
    def __init__(self, resolver: Resolver, errors: list[Diagnostic], lint: bool) -> None:
        self.resolver = resolver
        self.errors = errors
        self.lint = lint

    def value(self, value: Value) -> Value:
        if isinstance(value, str):
            return self.text(value) if "&{" in value and isinstance(value, Text) else value
        if isinstance(value, Map):
            changes = {key: new for key, old in value.items() if (new := self.value(old)) is not old}
            return rebuilt(value, ({**value, **changes}).items()) if changes else value
        if isinstance(value, List):
            items = [self.value(item) for item in value]
            return (
                rebuilt(value, items) if any(new is not old for new, old in zip(items, value, strict=True)) else value
            )
        return value

    def text(self, text: Text) -> Value:
        try:
            return text.replaced(expand(text, self.resolver))
        except DiagnosticError as error:
            self.errors.extend(d.moved(text.source, text.locate(d.span)) for d in error.diagnostics)
        except UnresolvedError as error:
            if not self.lint:
                self.errors.append(_unresolved(error, text, self.resolver))
        except UnknownError:
            pass
        return Unknown(text, text.source, text.span, exact=text.exact)


def expand(text: str, resolver: Resolver) -> str:
    """The text with its tokens replaced; raises DiagnosticError, UnresolvedError or UnknownError."""
    return _expanded(str(text), parse_tokens(str(text)), resolver)


def _expanded(text: str, parts: tuple[Part, ...], resolver: Resolver) -> str:
    return "".join(
        _replaced(text, part, resolver) if isinstance(part, Token) else text[part.start : part.end] for part in parts
    )


def _replaced(text: str, token: Token, resolver: Resolver) -> str:
    name = _expanded(text, token.name, resolver)
    found = resolver.environment(name) if token.is_env else resolver.find(name)
    if isinstance(found, Unknown):
        raise UnknownError
    if found is not None:
        return found
    if token.default is None:
        raise UnresolvedError(name, Span(token.start, token.end))
    return _expanded(text, token.default, resolver)


def _unresolved(error: UnresolvedError, text: Text, resolver: Resolver) -> Diagnostic:
    message = f'nothing defines the token "{error.name}"'
    place = text.locate(error.span)
    return Diagnostic(UNRESOLVED_TOKEN, message, text.source, place, resolver.advice(error.name))


# ---------------------------------------------------------------------------------------------------------- the syntax


@lru_cache(maxsize=4096)
def parse_tokens(text: str) -> tuple[Part, ...]:
    """Literals and tokens of a text, in order; raises DiagnosticError with a span inside it."""
    try:
        parts: tuple[Part, ...] = _parser().parse(text, 0, len(text)) if text else ()
    except Unexpected as error:
        raise DiagnosticError([_malformed(text, error.start)]) from None
    for part in parts:
        if part.depth > DEEPEST_TOKEN:
            message = f"tokens nested more than {DEEPEST_TOKEN} levels deep"
            raise DiagnosticError([_diagnostic(text, Span(part.start, part.end), message, "")])
    return parts


@cache
def _parser() -> Parser:
    inner: Callable[[list[Any], int, int], Any] = lambda parts, start, end: tuple(parts)
    actions = {
        **dict.fromkeys(
            ("text", "bar", "close", "word", "default_text"), lambda parts, start, end: Literal(start, end)
        ),
        **dict.fromkeys(("escaped", "escaped_close"), lambda parts, start, end: Literal(start + 1, end)),
        "env": lambda parts, start, end: _EnvironmentName(start, end),
        "name": inner,
        "default": inner,
        "start": inner,
        "token": lambda parts, start, end: _token(parts[0], parts[1] if len(parts) > 1 else None, start, end),
        "token_or_nothing": lambda parts, start, end: _token(parts[0], (), start, end),
    }
    return parser("tokens", actions, "WORD")


@dataclass(frozen=True)
class _EnvironmentName:
    """`env['NAME']`, quotes and brackets included."""

    start: int
    end: int


def _token(name: tuple[Part, ...] | _EnvironmentName, default: tuple[Part, ...] | None, start: int, end: int) -> Token:
    is_env = isinstance(name, _EnvironmentName)
    parts = (name,) if isinstance(name, _EnvironmentName) else name
    depth = 1 + max(getattr(part, "depth", 0) for part in (*parts, *(default or ())))
    return Token(parts, default, is_env, start, end, depth)  # type: ignore[arg-type]


def _malformed(text: str, at: int) -> Diagnostic:
    opening = text.rfind("&{", 0, max(at, 2))
    body = text[opening + 2 : at]
    if at >= len(text):
        help_ = 'close it with "}", or write \\&{ for a text that is no token'
        return _diagnostic(text, Span(opening, len(text)), "the token is not closed", help_)
    if not body and text[at] in "}|":
        return _diagnostic(text, Span(opening, at + 1), "the token has no name", "write &{name} or &{name|default}")
    found = f'"{text[at]}" cannot stand in the name of a token'
    return _diagnostic(text, Span(at, at + 1), found, "write &{name} or &{name|default}, with no blank in the name")


def _diagnostic(text: str, span: Span, message: str, remedy: str) -> Diagnostic:
    return Diagnostic(TOKEN_SYNTAX, message, Source("<token>", text), span, remedy)
