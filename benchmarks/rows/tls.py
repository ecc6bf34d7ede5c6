"""Row (f): the reverse proxy of row (b) with TLS on the front side, over connections that are kept."""

from __future__ import annotations

from benchmarks.bench import COLUMNS, OURS, Bench, add_lines
from benchmarks.certificate import Certificate
from benchmarks.contenders import caddy, gatewright, haproxy, nginx
from benchmarks.result import Result


def measure(bench: Bench) -> Result:
    result = Result("f", "a reverse proxy of 1 KiB with TLS in front (ECDSA P-256, kept connections)", COLUMNS)
    upstream = bench.start("application", nginx.application)
    certificate = Certificate.make(bench.root)
    route = {"proxy": gatewright.proxy_route(upstream)}
    servers = bench.start_present(
        {
            OURS: ("", lambda home: gatewright.run(home, route, certificate=certificate)),
            "nginx": ("nginx", lambda home: nginx.proxy(home, upstream, certificate)),
            "haproxy": ("haproxy", lambda home: haproxy.proxy(home, upstream, certificate)),
            "caddy": ("caddy", lambda home: caddy.proxy(home, upstream, certificate)),
        }
    )
    for server in servers.values():
        server.scheme = "https"
    add_lines(result, bench.loads(servers), servers)
    return result
