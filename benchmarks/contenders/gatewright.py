"""Gatewright itself: `gatewright run` on an instance directory, every default as documented."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.certificate import Certificate
from benchmarks.machine import TEST_CORE, free_port
from benchmarks.peers import gatewright
from benchmarks.server import Server

Route = dict[str, Any]
HELLO: Route = {
    "name": "hello",
    "handler": {"type": "StaticResponseHandler", "config": {"status": 200, "entity": "Hello, world!"}},
}


def run(
    directory: Path,
    routes: Mapping[str, Any],
    *,
    workers: int = 1,
    cores: Sequence[int] = (TEST_CORE,),
    certificate: Certificate | None = None,
    env: Mapping[str, str] | None = None,
) -> Server:
    """Serve routes, which are values or the text of a file."""
    folder = directory / "config" / "routes"
    folder.mkdir(parents=True)
    for name, route in routes.items():
        (folder / f"{name}.json").write_text(route if isinstance(route, str) else json.dumps(route))
    port = free_port()
    connector: dict[str, Any] = {"port": port}
    if certificate is not None:
        connector["tls"] = _TLS
    admin = {
        "adminConnector": {"host": "127.0.0.1", "port": free_port()},
        "connectors": [connector],
    }
    (directory / "config" / "admin.json").write_text(json.dumps(admin))
    command = [*gatewright(), "run", str(directory), "--workers", str(workers)]
    variables = {**_secrets(certificate), **(env or {})}
    return Server(command, port, log=directory / "log", cores=cores, env=variables)


def proxy_route(upstream: Server) -> Route:
    """A reverse proxy and nothing else."""
    return {"name": "proxy", "baseURI": upstream.url, "handler": "ReverseProxyHandler"}


def full_route(upstream: Server) -> Route:
    """The full documented shape: condition, headers both ways, a conditional filter, and a path that is rewritten."""
    return {
        "name": "full",
        "condition": "${find(request.uri.path, '^/shop')}",
        "baseURI": upstream.url,
        "handler": {
            "type": "Chain",
            "config": {
                "filters": [
                    {
                        "type": "HeaderFilter",
                        "config": {
                            "messageType": "REQUEST",
                            "remove": ["X-Debug"],
                            "add": {"X-Forwarded-For": ["${contexts.client.remoteAddress}"]},
                        },
                    },
                    {
                        "type": "HeaderFilter",
                        "config": {"messageType": "RESPONSE", "remove": ["Server"], "add": {"X-Gateway": ["yes"]}},
                    },
                    {
                        "type": "ConditionalFilter",
                        "config": {
                            "condition": "${request.method == 'GET' and not find(request.uri.path, '\\\\.css$')}",
                            "delegate": {
                                "type": "HeaderFilter",
                                "config": {"messageType": "REQUEST", "add": {"X-Page": ["${request.uri.path}"]}},
                            },
                        },
                    },
                    {"type": "UriPathRewriteFilter", "config": {"mappings": {"/shop": "/"}}},
                ],
                "handler": "ReverseProxyHandler",
            },
        },
    }


_TLS: dict[str, Any] = {
    "type": "ServerTlsOptions",
    "config": {
        "keyManager": {
            "type": "SecretsKeyManager",
            "config": {
                "signingSecretId": "tls.key",
                "secretsProvider": {
                    "type": "SystemAndEnvSecretStore",
                    "config": {"format": {"type": "PemPropertyFormat"}},
                },
            },
        }
    },
}


def _secrets(certificate: Certificate | None) -> dict[str, str]:
    """The environment with the key of the TLS port."""
    return {} if certificate is None else {"TLS_KEY": certificate.chain.read_text() + certificate.key.read_text()}
