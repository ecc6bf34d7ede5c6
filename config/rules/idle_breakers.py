"""GW807: circuit breakers that never count a failure, because the handler behind them answers it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.node import stood_for
from expr.diagnostic import Code, Diagnostic, Severity, declare

if TYPE_CHECKING:
    from config.check import Node
    from config.lint_files import Project

CODE = declare(
    Code(
        "GW807",
        "idle-circuit-breaker",
        "a CircuitBreakerFilter in front of a ReverseProxyHandler",
        "A CircuitBreakerFilter counts exceptions. A ReverseProxyHandler turns those of the application into 502, an "
        "ordinary response, so a failing application never opens the circuit. Use the property `circuitBreaker` of "
        "the handler, or a ClientHandler.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"handler": {"type": "Chain", "config": {"filters": [{"type": "CircuitBreakerFilter", "config": '
        '{"maxFailures": 3, "openDuration": "30 seconds"}}], "handler": "ReverseProxyHandler"}}}',
        good='{"handler": {"type": "ReverseProxyHandler", "config": {"circuitBreaker": {"maxFailures": 3, '
        '"openDuration": "30 seconds"}}}}',
    )
)
BREAKER = "CircuitBreakerFilter"
PROXY = "ReverseProxyHandler"


def check(project: Project) -> Iterator[Diagnostic]:
    """Look at both ends of each chain."""
    for _, node in project.objects():
        if node.declaration.type_name != "Chain" or not _ends_at_proxy(node):
            continue
        for reference in node.references:
            if reference.property_name == "filters" and _breaks(reference.target):
                message = "the circuit breaker counts no failure of the ReverseProxyHandler behind it"
                hint = "use circuitBreaker of the ReverseProxyHandler, or a ClientHandler"
                yield Diagnostic(CODE, message, reference.value.source, reference.value.span, hint)


def _ends_at_proxy(node: Node) -> bool:
    """Does a ReverseProxyHandler answer in the end, behind chains and what stands for others?"""
    return _leads_to(PROXY, "Chain", "handler", node)


def _breaks(node: Node) -> bool:
    """Is it a circuit breaker, or does it pack one?"""
    return _leads_to(BREAKER, "ChainOfFilters", "filters", node)


def _leads_to(wanted: str, container: str, property_name: str, node: Node, seen: tuple[Node, ...] = ()) -> bool:
    """Is an object of the wanted type, or a container that has one in its property, however deep?"""
    found = stood_for(node)
    if found is None or found in seen:
        return False
    if found.declaration.type_name != container:
        return found.declaration.type_name == wanted
    inner = (one.target for one in found.references if one.property_name == property_name)
    return any(_leads_to(wanted, container, property_name, target, (*seen, found)) for target in inner)
