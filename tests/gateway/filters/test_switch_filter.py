"""SwitchFilter: diversions before and after the normal handling."""

from tests.gateway.scripted import answer, run


def static(status: int, entity: str = "${request.method} ${request.entity.string}") -> dict:
    return {"type": "StaticResponseHandler", "config": {"status": status, "entity": entity}}


def switch(**config) -> dict:
    return {"type": "SwitchFilter", "config": config}


async def test_the_first_case_of_the_request_diverts_it():
    config = switch(
        onRequest=[
            {"condition": "${request.method == 'POST'}", "handler": static(201)},
            {"condition": "${request.method == 'GET'}", "handler": static(202)},
            {"handler": static(203)},
        ],
        onResponse=[{"handler": static(500)}],
    )
    outcome = await run(config)
    assert (outcome.status, outcome.seen) == (202, [])
    assert (await run(config, {"method": "PUT"})).status == 203


async def test_no_case_lets_it_pass():
    assert (await run(switch(onRequest=[{"condition": False, "handler": static(201)}]), next=answer(204))).status == 204


async def test_a_case_of_the_response_drops_it():
    config = switch(onResponse=[{"condition": "${response.status.code == 401}", "handler": static(200)}])
    outcome = await run(config, {"method": "POST", "entity": "body"}, answer(401))
    assert (outcome.status, outcome.text) == (200, "POST body")
    assert len(outcome.seen) == 1
    assert (await run(config, next=answer(200, entity="fine"))).text == "fine"
