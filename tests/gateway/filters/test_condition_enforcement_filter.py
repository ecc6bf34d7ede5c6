"""ConditionEnforcementFilter: only a true condition lets a request pass."""

import pytest

from tests.gateway.scripted import answer, run


def enforcement(condition, **config) -> dict:
    return {"type": "ConditionEnforcementFilter", "config": {"condition": condition, **config}}


@pytest.mark.parametrize(
    "condition", [True, "${request.method == 'GET'}", {"expression": "${true}", "label": "always"}]
)
async def test_a_true_condition_lets_pass(condition):
    outcome = await run(enforcement(condition), next=answer(204))
    assert outcome.status == 204


@pytest.mark.parametrize("condition", [False, "true", "${session.name}", "${integer('x') == 1}"])
async def test_anything_else_is_403_with_an_empty_body(condition):
    outcome = await run(enforcement(condition))
    assert (outcome.status, outcome.text, outcome.seen) == (403, "", [])


async def test_the_failure_handler_answers_instead():
    handler = {"type": "StaticResponseHandler", "config": {"status": 418}}
    assert (await run(enforcement(False, failureHandler=handler))).status == 418
