"""nginx, one worker: keep-alive to the server behind it, access log off."""

from __future__ import annotations

from pathlib import Path

from benchmarks.certificate import Certificate
from benchmarks.machine import LOAD_CORE, TEST_CORE, free_port
from benchmarks.peers import Peers
from benchmarks.server import Server

_FRAME = """
daemon off;
worker_processes 1;
error_log stderr crit;
pid {directory}/nginx.pid;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 10000000;
    sendfile on;
    tcp_nopush on;
    types {{ }}
    default_type text/plain;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    client_max_body_size 0;
{content}
}}
"""
_PROXY = """
    upstream application {{
        server {upstream};
        keepalive 128;
        keepalive_requests 10000000;
    }}
    server {{
        listen 127.0.0.1:{port}{ssl};
{certificate}
        location / {{
            proxy_pass http://application;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            proxy_buffering {buffering};
            proxy_request_buffering {buffering};
        }}
    }}
"""
ANSWER = '{"access_token":"issued-token","issued_token_type":"urn:ietf:params:oauth:token-type:access_token",\
"token_type":"Bearer","expires_in":3600,"scope":"mail"}'


def _start(directory: Path, port: int, content: str, core: int = TEST_CORE) -> Server:
    file = directory / "nginx.conf"
    file.write_text(_FRAME.format(directory=directory, content=content))
    command = [Peers.program("nginx") or "nginx", "-p", str(directory), "-c", str(file)]
    return Server(command, port, log=directory / "log", cores=(core,))


def static(directory: Path, text: str) -> Server:
    port = free_port()
    return _start(directory, port, f'server {{ listen 127.0.0.1:{port}; location / {{ return 200 "{text}"; }} }}')


def proxy(
    directory: Path, upstream: Server, certificate: Certificate | None = None, *, buffering: bool = True
) -> Server:
    port = free_port()
    tls = f"ssl_certificate {certificate.chain}; ssl_certificate_key {certificate.key};" if certificate else ""
    content = _PROXY.format(
        upstream=f"127.0.0.1:{upstream.port}",
        port=port,
        ssl=" ssl" if certificate else "",
        certificate=tls,
        buffering="on" if buffering else "off",
    )
    return _start(directory, port, content)


def application(directory: Path, sizes: dict[str, int] | None = None) -> Server:
    """The server behind the gateways: files of given sizes, 1 KiB at `/` among them, on the core of the load."""
    root = directory / "files"
    root.mkdir()
    for name, size in {"index.html": 1024, **(sizes or {})}.items():
        (root / name).write_bytes(b"x" * size)
    port = free_port()
    locations = f"root {root}; open_file_cache max=100; location / {{ try_files $uri /index.html; }}"
    return _start(directory, port, f"server {{ listen 127.0.0.1:{port}; {locations} }}", LOAD_CORE)


def authorization_server(directory: Path) -> Server:
    """Answers every token request at once with the same token."""
    port = free_port()
    answer = f"default_type application/json; location / {{ return 200 '{ANSWER}'; }}"
    return _start(directory, port, f"server {{ listen 127.0.0.1:{port}; {answer} }}", LOAD_CORE)
