"""HAProxy, one thread: connections to the server behind it are reused always, no log."""

from __future__ import annotations

from pathlib import Path

from benchmarks.certificate import Certificate
from benchmarks.machine import free_port
from benchmarks.peers import Peers
from benchmarks.server import Server

_CONFIGURATION = """
global
    nbthread 1
    maxconn 4096
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    option http-keep-alive
    http-reuse always
frontend front
    bind 127.0.0.1:{port}{tls}
    default_backend application
backend application
    server one 127.0.0.1:{upstream}
"""


def proxy(directory: Path, upstream: Server, certificate: Certificate | None = None) -> Server:
    port, tls = free_port(), ""
    if certificate is not None:
        both = directory / "both.pem"
        both.write_bytes(certificate.chain.read_bytes() + certificate.key.read_bytes())
        tls = f" ssl crt {both} alpn http/1.1"
    file = directory / "haproxy.cfg"
    file.write_text(_CONFIGURATION.format(port=port, tls=tls, upstream=upstream.port))
    return Server([Peers.program("haproxy") or "haproxy", "-db", "-f", str(file)], port, log=directory / "log")
