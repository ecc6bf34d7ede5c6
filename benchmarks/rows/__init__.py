"""One module a row, or a family of rows: `ROWS` maps each letter to the function that measures it."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.bench import Bench
from benchmarks.result import Result
from benchmarks.rows import (
    expression_engines,
    filters,
    full_shape,
    large_bodies,
    reverse_proxy,
    routes,
    start_up,
    static_answer,
    tls,
    token_exchange,
    workers,
)

Row = Callable[[Bench], Result]

ROWS: dict[str, Row] = {
    "a": static_answer.measure,
    "b": reverse_proxy.measure,
    "c": full_shape.measure,
    "d": token_exchange.measure,
    "e": large_bodies.measure,
    "f": tls.measure,
    "g": routes.measure,
    "h": filters.measure,
    "i": expression_engines.measure,
    "j": start_up.measure,
    "k": workers.measure,
}
