"""AssignmentFilter: values to places, in order, on both sides."""

from tests.gateway.scripted import answer, run


def assignment(**config) -> dict:
    return {"type": "AssignmentFilter", "config": config}


async def test_each_assignment_sees_the_ones_before():
    outcome = await run(
        assignment(
            onRequest=[
                {"target": "${attributes.a}", "value": "${request.method}"},
                {"target": "${attributes.b}", "value": "${attributes.a}!"},
            ]
        )
    )
    assert outcome.context.attributes == {"a": "GET", "b": "GET!"}


async def test_types_are_kept():
    values = {"flag": "${true}", "number": 5, "map": {"k": "${request.method}"}, "text": "x"}
    entries = [{"target": f"${{attributes.{name}}}", "value": value} for name, value in values.items()]
    outcome = await run(assignment(onRequest=entries))
    assert outcome.context.attributes == {"flag": True, "number": 5, "map": {"k": "GET"}, "text": "x"}


async def test_a_missing_value_assigns_null():
    outcome = await run(assignment(onRequest=[{"target": "${request.headers['X']}"}]), {"headers": {"X": "x"}})
    assert outcome.forwarded.headers == {}


async def test_a_condition_decides():
    entries = [
        {"condition": "${request.method == 'POST'}", "target": "${attributes.post}", "value": "yes"},
        {"condition": {"label": "get", "expression": "${request.method == 'GET'}"}, "target": "${attributes.get}",
         "value": "yes"},
    ]  # fmt: skip
    assert (await run(assignment(onRequest=entries))).context.attributes == {"get": "yes"}


async def test_the_request_itself_can_be_changed():
    outcome = await run(
        assignment(
            onRequest=[
                {"target": "${request.uri.path}", "value": "/new"},
                {"target": "${request.headers['X']}", "value": ["a", "b"]},
                {"target": "${request.entity.string}", "value": "body"},
            ]
        ),
        {"uri": "http://h/old?q"},
    )
    assert outcome.forwarded.uri == "http://h/new?q"
    assert outcome.forwarded.headers["X"] == ["a", "b"]
    assert outcome.forwarded.entity == b"body"


async def test_the_response_side_sees_the_response():
    entries = [{"condition": "${response.status.code == 302}", "target": "${session.loggedIn}", "value": "${true}"}]
    session: dict = {}
    await run(assignment(onResponse=entries), next=answer(200), session=session)
    assert session == {}
    await run(assignment(onResponse=entries), next=answer(302), session=session)
    assert session == {"loggedIn": True}


async def test_a_target_that_cannot_be_reached_is_passed_over():
    outcome = await run(assignment(onRequest=[{"target": "${attributes.a.b}", "value": "x"}]))
    assert (outcome.status, outcome.context.attributes) == (200, {})
