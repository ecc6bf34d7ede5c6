"""GW606: CORS policies that let every site act with the credentials of its visitors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.rules.base import key_place, texts
from config.values import List, Map
from expr.diagnostic import Code, Diagnostic, declare

if TYPE_CHECKING:
    from config.lint_files import Project

CODE = declare(
    Code(
        "GW606",
        "cors-any-origin-with-credentials",
        "a CORS policy that accepts all origins, and credentials",
        "Scripts of every site may then read what the service shows to a visitor who is logged in. Name the origins, "
        "or leave `allowCredentials` false.",
        stops_load=False,
        bad='{"handler": {"type": "Chain", "config": {"filters": [{"type": "CorsFilter", "config": {"policies": '
        '[{"acceptedOrigins": ["*"], "allowCredentials": true}]}}], "handler": "ReverseProxyHandler"}}}',
        good='{"handler": {"type": "Chain", "config": {"filters": [{"type": "CorsFilter", "config": {"policies": '
        '[{"acceptedOrigins": ["https://app.example.com"], "allowCredentials": true}]}}], '
        '"handler": "ReverseProxyHandler"}}}',
    )
)


def check(project: Project) -> Iterator[Diagnostic]:
    """Look at the policies of each CorsFilter."""
    for _, node in project.objects():
        policies = node.properties.get("policies") if node.declaration.type_name == "CorsFilter" else None
        for policy in policies if isinstance(policies, List) else ():
            allowed = isinstance(policy, Map) and policy.get("allowCredentials") is True
            if allowed and any(text == "*" for text in texts(policy.get("acceptedOrigins"))):
                message = "every site may act with the credentials of its visitors"
                place = key_place(policy, "allowCredentials")
                yield Diagnostic(CODE, message, *place, "name the accepted origins")
