"""GW603 and GW604: connections that accept any certificate, or a certificate of any host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.rules.base import key_place, members
from expr.diagnostic import Code, Diagnostic, Severity, declare

if TYPE_CHECKING:
    from config.lint_files import Project

TRUST_ALL = declare(
    Code(
        "GW603",
        "trust-all",
        "a client that accepts any certificate",
        "TLS then protects against nobody: whoever is between the gateway and the server can be the server. "
        "Put the certificate of the authority into a store, and use a SecretsTrustManager.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"handler": {"type": "ReverseProxyHandler", "config": {"tls": {"type": "ClientTlsOptions", "config": '
        '{"trustManager": {"type": "TrustAllManager"}}}}}}',
        good='{"handler": {"type": "ReverseProxyHandler", "config": {"tls": {"type": "ClientTlsOptions", "config": '
        '{"trustManager": {"type": "SecretsTrustManager", "config": {"verificationSecretId": "trust", '
        '"checkRevocation": false, "secretsProvider": {"type": "FileSystemSecretStore", "config": {"directory": '
        '"secrets", "format": {"type": "PemPropertyFormat"}}}}}}}}}}',
    )
)
ANY_HOST = declare(
    Code(
        "GW604",
        "host-name-not-checked",
        "a client that accepts a certificate of any host",
        "Anyone with a certificate of some authority can then be any server. Leave `hostnameVerifier` out: STRICT is "
        "the default.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"handler": {"type": "ReverseProxyHandler", "config": {"tls": {"type": "ClientTlsOptions", "config": '
        '{"hostnameVerifier": "ALLOW_ALL"}}}}}',
        good='{"handler": {"type": "ReverseProxyHandler", "config": {"tls": {"type": "ClientTlsOptions", "config": '
        '{"hostnameVerifier": "STRICT"}}}}}',
    )
)
CODE = TRUST_ALL


def check(project: Project) -> Iterator[Diagnostic]:
    """Look for the type, and for the property."""
    for _, node in project.objects():
        if node.declaration.type_name == "TrustAllManager":
            place = node.declaration.values.at(["type"])
            hint = "use a SecretsTrustManager with the certificate of the authority"
            yield Diagnostic(TRUST_ALL, "any certificate is accepted", *place, hint)
        for key, value, owner in members(node):
            if key == "hostnameVerifier" and str(value).upper() == "ALLOW_ALL":
                message = "a certificate of any host is accepted"
                yield Diagnostic(ANY_HOST, message, *key_place(owner, key), "remove it: STRICT is the default")
