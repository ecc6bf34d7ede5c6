"""Chain: filters in their order, then the handler, and the response in the opposite order."""

from __future__ import annotations

from gateway.handlers.chain import Chain
from tests.gateway.scripted import build, problems, run

HANDLER = {"type": "StaticResponseHandler", "config": {"status": 200, "entity": "${attributes.way}"}}


def step(name: str) -> dict:
    """A filter that notes that it was passed, on either way."""
    on_request = {"target": "${attributes.way}", "value": f"${{attributes.way}} {name}"}
    on_response = {"target": "${response.headers['X-Back']}", "value": f"${{response.headers['X-Back'][0]}} {name}"}
    return {"type": "AssignmentFilter", "config": {"onRequest": [on_request], "onResponse": [on_response]}}


def chain(*filters: object, handler: object = HANDLER) -> dict:
    return {"type": "Chain", "config": {"filters": list(filters), "handler": handler}}


def test_the_example_builds():
    build(Chain.example)


async def test_filters_are_passed_in_order_and_backwards_by_the_response():
    outcome = await run(chain(step("a"), step("b"), step("c")))
    assert outcome.text.split() == ["a", "b", "c"]
    assert outcome.headers["X-Back"][0].split() == ["c", "b", "a"]


async def test_without_filters_the_handler_answers():
    assert (await run(chain())).status == 200


async def test_what_is_behind_a_filter_that_answers_is_not_called():
    refuse = {"type": "ConditionEnforcementFilter", "config": {"condition": False}}
    outcome = await run(chain(step("a"), refuse, step("b")))
    assert outcome.status == 403
    assert outcome.headers["X-Back"][0].split() == ["a"]
    assert outcome.context.attributes["way"].split() == ["a"]


async def test_a_chain_may_end_in_a_chain():
    outcome = await run(chain(step("a"), handler=chain(step("b"))))
    assert outcome.text.split() == ["a", "b"]


def test_a_handler_among_the_filters_is_a_load_error():
    assert problems(chain(HANDLER)) != []


def test_both_properties_are_required():
    assert len(problems({"type": "Chain", "config": {}})) == 2
