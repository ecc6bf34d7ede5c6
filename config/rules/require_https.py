"""GW605: login and token filters that accept requests without TLS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.rules.base import key_place, members
from expr.diagnostic import Code, Diagnostic, Severity, declare

if TYPE_CHECKING:
    from config.lint_files import Project

CODE = declare(
    Code(
        "GW605",
        "https-not-required",
        "a filter that accepts tokens and logins without TLS",
        "`requireHttps` is true by default: tokens in requests without TLS can be read by all on their way. Where "
        "another server in front of the gateway does TLS, let a ForwardedRequestFilter tell it, or a baseURI.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"handler": {"type": "Chain", "config": {"filters": [{"type": "OAuth2ResourceServerFilter", "config": '
        '{"requireHttps": false}}], "handler": "ReverseProxyHandler"}}}',
        good='{"handler": {"type": "Chain", "config": {"filters": [{"type": "OAuth2ResourceServerFilter", "config": '
        '{"requireHttps": true}}], "handler": "ReverseProxyHandler"}}}',
    )
)


def check(project: Project) -> Iterator[Diagnostic]:
    """Look for the property."""
    for _, node in project.objects():
        for key, value, owner in members(node):
            if key == "requireHttps" and (value is False or str(value).lower() == "false"):
                message = "requests without TLS are accepted"
                yield Diagnostic(CODE, message, *key_place(owner, key), "remove it: true is the default")
