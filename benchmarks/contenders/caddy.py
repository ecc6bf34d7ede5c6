"""Caddy on one core: its defaults, no access log, no admin endpoint, keep-alive to the server behind it."""

from __future__ import annotations

from pathlib import Path

from benchmarks.certificate import Certificate
from benchmarks.machine import free_port
from benchmarks.peers import Peers
from benchmarks.server import Server

_FRAME = """
{{
    admin off
    auto_https off
    log {{
        level ERROR
    }}
}}
{site} {{
    {content}
}}
"""


def _start(directory: Path, port: int, site: str, content: str) -> Server:
    file = directory / "Caddyfile"
    file.write_text(_FRAME.format(site=site, content=content))
    command = [Peers.program("caddy") or "caddy", "run", "--config", str(file), "--adapter", "caddyfile"]
    home = {"HOME": str(directory), "XDG_DATA_HOME": str(directory), "XDG_CONFIG_HOME": str(directory)}
    return Server(command, port, log=directory / "log", env=home)


def static(directory: Path, text: str) -> Server:
    port = free_port()
    return _start(directory, port, f"http://127.0.0.1:{port}", f'respond "{text}"')


def proxy(directory: Path, upstream: Server, certificate: Certificate | None = None) -> Server:
    port = free_port()
    content = (
        f"reverse_proxy 127.0.0.1:{upstream.port} {{\n transport http {{\n keepalive_idle_conns_per_host 128\n }}\n }}"
    )
    if certificate is None:
        return _start(directory, port, f"http://127.0.0.1:{port}", content)
    return _start(
        directory, port, f"https://127.0.0.1:{port}", f"tls {certificate.chain} {certificate.key}\n    {content}"
    )
