"""Row (h): what one more filter costs, measured with ten of them in front of a static answer."""

from __future__ import annotations

from typing import Any

from benchmarks.bench import COLUMNS, Bench, add_lines
from benchmarks.contenders import gatewright
from benchmarks.load import Load
from benchmarks.result import Result

NUMBER = 10
NONE = "no filter"


def _header(index: int, kind: str, value: str) -> dict[str, Any]:
    return {"type": "HeaderFilter", "config": {"messageType": kind, "add": {f"X-Added-{index}": [value]}}}


def _conditional(index: int, kind: str, value: str) -> dict[str, Any]:
    condition = "${request.method == 'POST'}"
    return {"type": "ConditionalFilter", "config": {"condition": condition, "delegate": _header(index, kind, value)}}


FILTERS = {
    "HeaderFilter on the request": (_header, "REQUEST", "text"),
    "HeaderFilter on the response": (_header, "RESPONSE", "text"),
    "HeaderFilter with an expression": (_header, "REQUEST", "${request.uri.path}"),
    "ConditionalFilter that does not apply": (_conditional, "REQUEST", "text"),
}


def _route(filters: list[dict[str, Any]]) -> gatewright.Route:
    chain = {"type": "Chain", "config": {"filters": filters, "handler": gatewright.HELLO["handler"]}}
    return {"name": "filters", "handler": chain}


def measure(bench: Bench) -> Result:
    result = Result("h", f"{NUMBER} filters of a kind", (*COLUMNS, "µs a filter"))
    routes = {NONE: _route([])}
    for name, (make, kind, value) in FILTERS.items():
        routes[name] = _route([make(index, kind, value) for index in range(NUMBER)])
    servers = {
        name: bench.start(name, lambda home, route=route: gatewright.run(home, {"filters": route}))
        for name, route in routes.items()
    }
    rounds = bench.loads(servers)
    add_lines(result, rounds, servers, NONE)
    for index, name in enumerate(rounds.names):
        cost = rounds.difference(name, NONE, Load.cpu_of) * 1e6 / NUMBER
        result.lines[index] += (f"{cost:.2f}",)
        if name == "HeaderFilter on the request":
            result.below("a filter that touches one header", cost, 4.0, " µs")
    return result
