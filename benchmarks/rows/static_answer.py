"""Row (a): a short text that is always the same."""

from __future__ import annotations

from benchmarks.bench import COLUMNS, OURS, Bench, Starts, add_lines, faster
from benchmarks.contenders import aiohttp, caddy, gatewright, nginx, node
from benchmarks.result import Result

TEXT = "Hello, world!"


def measure(bench: Bench) -> Result:
    result = Result("a", "a static answer of 13 bytes", COLUMNS)
    peers = bench.peers
    starts: Starts = {
        OURS: ("", lambda home: gatewright.run(home, {"hello": gatewright.HELLO})),
        "nginx": ("nginx", lambda home: nginx.static(home, TEXT)),
        "caddy": ("caddy", lambda home: caddy.static(home, TEXT)),
        "node": ("nodejs", lambda home: node.static(home, peers)),
        "aiohttp": ("aiohttp", lambda home: aiohttp.static(home, peers)),
    }
    servers = bench.start_present(starts)
    rounds = bench.loads(servers)
    add_lines(result, rounds, servers)
    if "caddy" in servers:
        faster(result, "against Caddy", rounds, OURS, "caddy", 1.5)
    return result
