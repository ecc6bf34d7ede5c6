"""GW602: endpoints for tokens and keys that are called without TLS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.problem import quoted
from config.rules.base import members
from config.values import Text
from expr.diagnostic import Code, Diagnostic, Severity, declare

if TYPE_CHECKING:
    from config.lint_files import Project

CODE = declare(
    Code(
        "GW602",
        "endpoint-without-tls",
        "an endpoint for tokens, credentials or keys that is called by http://",
        "Whoever sees the connection reads client secrets and tokens, and can answer in place of the server. Use "
        "https://. Addresses of this machine (localhost, 127.0.0.1) are no finding.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"handler": {"type": "Chain", "config": {"filters": [{"type": "OAuth2TokenExchangeFilter", "config": '
        '{"endpoint": "http://as.example.com/token", "subjectToken": "${request.headers[\'X-Token\'][0]}"}}], '
        '"handler": "ReverseProxyHandler"}}}',
        good='{"handler": {"type": "Chain", "config": {"filters": [{"type": "OAuth2TokenExchangeFilter", "config": '
        '{"endpoint": "https://as.example.com/token", "subjectToken": "${request.headers[\'X-Token\'][0]}"}}], '
        '"handler": "ReverseProxyHandler"}}}',
    )
)
_NAME = re.compile(r"endpoint|.*Endpoint|jwkUrl|jwksUri")
_NOT_CALLED = frozenset({"clientEndpoint", "redirectEndpoint", "assertionConsumerServiceEndpoint"})
_PLAIN = re.compile(r"http://(?!localhost\b|127\.|\[::1\])", re.IGNORECASE)


def check(project: Project) -> Iterator[Diagnostic]:
    """Look at the URLs of each object."""
    for _, node in project.objects():
        for key, value, _ in members(node):
            if not isinstance(value, Text) or key in _NOT_CALLED or not _NAME.fullmatch(key):
                continue
            if _PLAIN.match(value):
                message = f"{quoted(key)} is called without TLS"
                yield Diagnostic(CODE, message, value.source, value.span, "use https://")
