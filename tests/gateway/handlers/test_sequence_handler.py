"""SequenceHandler: steps, postconditions, and the one request that all of them get."""

from tests.gateway.scripted import problems, run


def step(text: str, status: int = 200, **more) -> dict:
    entity = f"{text} ${{request.headers['X'][0]}} ${{request.entity.string}}"
    return {"handler": {"type": "StaticResponseHandler", "config": {"status": status, "entity": entity}}, **more}


def sequence(*steps: dict) -> dict:
    return {"type": "SequenceHandler", "config": {"bindings": list(steps)}}


async def test_the_last_response_counts():
    assert (await run(sequence(step("one"), step("two")), {"headers": {"X": "x"}})).text == "two x "


async def test_a_postcondition_that_does_not_hold_stops():
    handler = sequence(step("one", 401, postcondition="${response.status.code == 200}"), step("two"))
    outcome = await run(handler)
    assert (outcome.status, outcome.text) == (401, "one  ")


async def test_the_postcondition_of_the_last_step_changes_nothing():
    assert (await run(sequence(step("one", postcondition=False)))).text == "one  "


async def test_each_step_sees_what_the_one_before_changed_and_the_whole_body():
    changed = {
        "handler": {
            "type": "Chain",
            "config": {
                "filters": [{"type": "HeaderFilter", "config": {"messageType": "REQUEST", "add": {"X": ["changed"]}}}],
                "handler": {"type": "StaticResponseHandler", "config": {"status": 200}},
            },
        }
    }
    outcome = await run(sequence(changed, step("two")), {"method": "POST", "entity": "body"})
    assert outcome.text == "two changed body"


def test_an_empty_sequence_is_an_error():
    assert problems(sequence()) == ["a sequence needs at least one step"]
