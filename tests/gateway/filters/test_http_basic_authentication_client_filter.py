import base64
from typing import Any

import pytest

from gateway.secrets.secret import NoSuchSecret
from tests.canaries import canary
from tests.gateway.scripted import answer, problems, run

AGENT = canary("agent")
PASSWORD = f"p\u00e4ss {AGENT}~*"
ENVIRONMENT = {"type": "SystemAndEnvSecretStore", "config": {"format": "PLAIN"}}


def basic(**config: Any) -> dict[str, Any]:
    properties = {"username": "ig_agent", "passwordSecretId": "agent.secret.id", "secretsProvider": ENVIRONMENT}
    return {"type": "HttpBasicAuthenticationClientFilter", "config": {**properties, **config}}


def credentials(username: str, password: str) -> list[str]:
    return ["Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()]


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_SECRET_ID", PASSWORD)


async def test_the_credentials_replace_those_of_the_request() -> None:
    outcome = await run(basic(), {"headers": {"Authorization": f"Bearer {canary('other')}"}})
    assert outcome.forwarded.headers["Authorization"] == credentials("ig_agent", PASSWORD)


async def test_the_credentials_are_url_encoded_on_demand() -> None:
    outcome = await run(basic(username="ig:agent", urlEncodeCredentials=True))
    assert outcome.forwarded.headers["Authorization"] == credentials("ig%3Aagent", f"p%C3%A4ss+{AGENT}%7E*")


async def test_the_response_is_not_looked_at() -> None:
    outcome = await run(basic(), next=answer(401, {"WWW-Authenticate": "Basic"}))
    assert (outcome.status, len(outcome.seen)) == (401, 1)
    assert "WWW-Authenticate" in outcome.headers


async def test_a_secret_that_is_not_found_fails_the_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AGENT_SECRET_ID")
    with pytest.raises(NoSuchSecret) as caught:
        await run(basic())
    assert caught.value.code == 500


def test_user_secret_and_provider_are_needed() -> None:
    needed = [f'HttpBasicAuthenticationClientFilter needs the property "{name}"'
              for name in ("username", "passwordSecretId", "secretsProvider")]  # fmt: skip
    assert problems({"type": "HttpBasicAuthenticationClientFilter", "config": {}}) == needed
