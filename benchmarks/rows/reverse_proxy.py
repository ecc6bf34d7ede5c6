"""Row (b): a reverse proxy in front of a server that answers 1 KiB."""

from __future__ import annotations

from benchmarks.bench import COLUMNS, OURS, Bench, Starts, add_lines, faster
from benchmarks.contenders import aiohttp, bare, caddy, gatewright, haproxy, nginx, node
from benchmarks.result import Result
from benchmarks.server import Server

GOALS = {
    "caddy": ("Caddy", 2.0),
    "node": ("Node with undici", 1.5),
    "aiohttp": ("aiohttp", 4.0),
    "nginx": ("nginx", 0.33),
}


def proxies(bench: Bench, upstream: Server) -> Starts:
    """Every contender as a reverse proxy."""
    peers = bench.peers
    return {
        OURS: ("", lambda home: gatewright.run(home, {"proxy": gatewright.proxy_route(upstream)})),
        "nginx": ("nginx", lambda home: nginx.proxy(home, upstream)),
        "haproxy": ("haproxy", lambda home: haproxy.proxy(home, upstream)),
        "caddy": ("caddy", lambda home: caddy.proxy(home, upstream)),
        "node": ("undici", lambda home: node.proxy(home, peers, upstream)),
        "aiohttp": ("aiohttp", lambda home: aiohttp.proxy(home, peers, upstream)),
        "bare Python": ("", lambda home: bare.proxy(home, peers, upstream)),
    }


def measure(bench: Bench) -> Result:
    result = Result("b", "a reverse proxy of 1 KiB", COLUMNS)
    upstream = bench.start("application", nginx.application)
    servers = bench.start_present(proxies(bench, upstream))
    rounds = bench.loads(servers)
    add_lines(result, rounds, servers)
    for name, (title, wanted) in GOALS.items():
        if name in servers:
            faster(result, f"against {title}", rounds, OURS, name, wanted)
    return result
