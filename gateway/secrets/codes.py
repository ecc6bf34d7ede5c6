"""Findings about secrets and certificates."""

from __future__ import annotations

from expr.diagnostic import Code, declare

SECRET_UNAVAILABLE = declare(
    Code(
        "GW320",
        "secret-unavailable",
        "a keystore, a directory of secrets or the key of a port that cannot be read when the gateway starts",
        "Keystores and directories are opened, and the keys of TLS ports fetched, when the gateway or a route starts: "
        "what would fail at the first request is told before there is one. Check the path, the type and the password.",
    )
)
