"""Row (c): a reverse proxy through the full documented shape, against plain proxies.

A condition, a chain of a HeaderFilter each way, a ConditionalFilter with an expression, and a UriPathRewriteFilter.
"""

from __future__ import annotations

from benchmarks.bench import COLUMNS, OURS, Bench, add_lines, faster
from benchmarks.contenders import caddy, gatewright, nginx
from benchmarks.load import Load
from benchmarks.result import Result


def measure(bench: Bench) -> Result:
    result = Result(
        "c", "a reverse proxy through condition, header filters, conditional filter and path rewriting", COLUMNS
    )
    upstream = bench.start("application", nginx.application)
    servers = bench.start_present(
        {
            OURS: ("", lambda home: gatewright.run(home, {"full": gatewright.full_route(upstream)})),
            "nginx": ("nginx", lambda home: nginx.proxy(home, upstream)),
            "caddy": ("caddy", lambda home: caddy.proxy(home, upstream)),
            "gatewright, plain": ("", lambda home: gatewright.run(home, {"proxy": gatewright.proxy_route(upstream)})),
        }
    )
    rounds = bench.loads(servers, "/shop/item?id=7")
    add_lines(result, rounds, servers)
    if "caddy" in servers:
        faster(result, "against Caddy, plain", rounds, OURS, "caddy", 1.2)
    if "nginx" in servers:
        result.below("p99 against nginx, plain", rounds.ratio(OURS, "nginx", Load.p99_of), 3.0)
    return result
