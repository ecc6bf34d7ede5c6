"""Row (g): how much it costs to have many routes, in time for a request and in memory."""

from __future__ import annotations

from benchmarks.bench import COLUMNS, Bench, add_lines
from benchmarks.contenders import gatewright
from benchmarks.load import Load
from benchmarks.result import Result
from benchmarks.server import Server

NUMBERS = (1, 10, 100, 1_000, 10_000)


def routes(number: int) -> dict[str, gatewright.Route]:
    """Routes with a path each; the one that is asked for is in the middle."""
    return {
        f"r{index:05}": {
            **gatewright.HELLO,
            "name": f"r{index:05}",
            "condition": f"${{find(request.uri.path, '^/service-{index}/')}}",
        }
        for index in range(number)
    }


def measure(bench: Bench) -> Result:
    result = Result("g", "many routes, each with a path and a static answer", COLUMNS)
    servers: dict[str, Server] = {}
    for number in NUMBERS:
        name = f"{number:,} routes"
        servers[name] = bench.start(name, lambda home, number=number: gatewright.run(home, routes(number)))
    paths = {name: f"/service-{number // 2}/item" for name, number in zip(servers, NUMBERS, strict=True)}
    rounds = bench.loads(servers, paths)
    few, many = "10 routes", "10,000 routes"
    add_lines(result, rounds, servers, few)
    result.below("CPU of 10,000 routes against 10", rounds.ratio(many, few, Load.cpu_of), 1.1)
    each = (servers[many].memory() - servers[few].memory()) / (NUMBERS[-1] - 10) / 1024
    result.below("memory a route", each, 60.0, " KiB")
    return result
