"""GW601: secrets that stand in a configuration file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.check import Node
from config.problem import quoted
from config.rules.base import is_literal, members, texts
from config.secret_texts import CREDENTIALS, PASSWORD_IN_URL, PRIVATE_KEY, SECRET_NAME
from config.values import Map, Text, Value
from expr.diagnostic import Code, Diagnostic, Severity, declare
from expr.source import Source, Span

if TYPE_CHECKING:
    from config.lint_files import Project

CODE = declare(
    Code(
        "GW601",
        "plain-text-secret",
        "a secret that stands in a configuration file",
        "Files are copied, committed and shown in tickets; a secret in one of them is known to all who ever saw it. "
        "Put it into a secret store and name it with a secret ID (`passwordSecretId`), or take it from the environment "
        "with a token: `&{db.password}`.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"handler": {"type": "Chain", "config": {"filters": [{"type": "HttpBasicAuthFilter", "config": '
        '{"username": "demo", "password": "Ch4ng31t", "failureHandler": {"type": "StaticResponseHandler", '
        '"config": {"status": 403}}}}], "handler": "ReverseProxyHandler"}}}',
        good='{"handler": {"type": "Chain", "config": {"filters": [{"type": "HttpBasicAuthFilter", "config": '
        '{"username": "demo", "password": "${system[\'demo.password\']}", "failureHandler": '
        '{"type": "StaticResponseHandler", "config": {"status": 403}}}}], "handler": "ReverseProxyHandler"}}}',
    )
)


def check(project: Project) -> Iterator[Diagnostic]:
    """Look at the texts of each object."""
    for _, node in project.objects():
        yield from _properties(node)
        for key, value, _ in members(node):
            if reason := _reason(node, key, value):
                for text in texts(value):
                    if is_literal(text) and text:
                        hint = "put it into a secret store, or take it from the environment: &{name}"
                        yield Diagnostic(CODE, f"{reason} stands in the file", text.source, text.span, hint)
            elif key in ("headers", "add", "replace") and isinstance(value, Map):
                yield from _headers(value)


def _reason(node: Node, key: str, value: Value) -> str:
    if SECRET_NAME.fullmatch(key):
        return f"the secret {quoted(key)}"
    if node.declaration.type_name == "Base64EncodedSecretStore" and not isinstance(value, Map | list):
        return "a secret in base64"
    for text in texts(value):
        if PRIVATE_KEY.search(text):
            return "a private key"
        if PASSWORD_IN_URL.search(text):
            return "a password in a URL"
    return ""


def _headers(headers: Map) -> Iterator[Diagnostic]:
    for name, value in headers.items():
        for text in texts(value) if name.lower() in ("authorization", "proxy-authorization") else ():
            if is_literal(text) and CREDENTIALS.fullmatch(text):
                hint = "take it from the environment: &{name}"
                yield Diagnostic(CODE, f"the credentials of {quoted(name)} stand in the file", *_at(text), hint)


def _properties(node: Node) -> Iterator[Diagnostic]:
    """Named values of the file."""
    values = node.properties.get("properties") if node is node.scope.root else None
    for key, value in values.items() if isinstance(values, Map) else ():
        if isinstance(value, Text) and SECRET_NAME.fullmatch(key) and is_literal(value) and value:
            hint = "take it from the environment: the token of the same name finds it there"
            yield Diagnostic(CODE, f"the secret {quoted(key)} stands in the file", *_at(value), hint)


def _at(text: Text) -> tuple[Source, Span]:
    return text.source, text.span
