"""GW807: circuit breakers that never count a failure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config.rules.idle_breakers import CODE
from tests.gateway.lint_examples import ids, lint, shown

BREAKER = {"type": "CircuitBreakerFilter", "config": {"maxFailures": 3, "openDuration": "30 seconds"}}
PACKED = {"type": "ChainOfFilters", "config": {"filters": [{"type": "DateHeaderFilter"}, BREAKER]}}
PROXY = {"name": "proxy", "type": "ReverseProxyHandler"}
DELEGATE = {"type": "Delegate", "config": {"delegate": "proxy"}}


def chain(breaker: Any, handler: Any) -> dict[str, Any]:
    return {"type": "Chain", "config": {"filters": [breaker], "handler": handler}}


@pytest.mark.parametrize("breaker", ["breaker", BREAKER, PACKED, {"type": "Delegate", "config": {"delegate": BREAKER}}])
@pytest.mark.parametrize("handler", ["proxy", "ReverseProxyHandler", DELEGATE, chain("other", DELEGATE)])
def test_a_breaker_in_front_of_a_proxy_is_idle(breaker: Any, handler: Any, tmp_path: Path) -> None:
    heap = [{"name": "breaker", **BREAKER}, {"name": "other", "type": "DateHeaderFilter"}, PROXY]
    found = lint({"heap": heap, "handler": chain(breaker, handler)}, tmp_path, CODE.id)
    assert ids(found).count(CODE.id) == 1


def test_the_finding_is_at_the_reference(tmp_path: Path) -> None:
    found = lint(
        {"heap": [{"name": "breaker", **BREAKER}], "handler": chain("breaker", "ReverseProxyHandler")}, tmp_path
    )
    (finding,) = [one for one in found if one.code is CODE]
    assert shown(finding) == '"breaker"'


@pytest.mark.parametrize("handler", ["ClientHandler", {"type": "StaticResponseHandler", "config": {"status": 200}}])
def test_in_front_of_other_handlers_it_is_not(handler: Any, tmp_path: Path) -> None:
    assert CODE.id not in ids(lint({"handler": chain(BREAKER, handler)}, tmp_path))
