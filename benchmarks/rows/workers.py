"""Row (k): one and two workers of the reverse proxy, free to run on all cores, with RSS after load."""

from __future__ import annotations

from benchmarks.bench import COLUMNS, Bench, add_lines
from benchmarks.contenders import gatewright, nginx
from benchmarks.load import Load, burst
from benchmarks.machine import CORES
from benchmarks.result import Result

ONE, TWO = "1 worker", "2 workers"
MINUTE = 60


def measure(bench: Bench) -> Result:
    result = Result("k", "one and two workers on all cores; memory after load", COLUMNS)
    upstream = bench.start("application", nginx.application)
    route = {"proxy": gatewright.proxy_route(upstream)}
    servers = {
        name: bench.start(name, lambda home, n=number: gatewright.run(home, route, workers=n, cores=CORES))
        for name, number in ((ONE, 1), (TWO, 2))
    }
    rounds = bench.loads(servers)
    add_lines(result, rounds, servers, ONE)
    result.below("CPU a request of two workers against one", rounds.ratio(TWO, ONE, Load.cpu_of), 1.15)
    minute = MINUTE if bench.rounds > 1 else 1
    burst(servers[ONE], "/", minute)
    result.below(f"RSS of one worker after {minute} s of load", servers[ONE].largest() / 2**20, 90.0, " MiB")
    return result
