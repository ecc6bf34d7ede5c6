"""WelcomeHandler: the page of a gateway without routes."""

from tests.gateway.scripted import run


async def test_it_answers_with_a_page():
    outcome = await run({"type": "WelcomeHandler"})
    assert outcome.status == 200
    assert outcome.headers["Content-Type"] == ["text/html; charset=UTF-8"]
    assert "Welcome to Gatewright" in outcome.text
