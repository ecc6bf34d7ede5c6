"""The guide's authorization server with secrets that tests can tell apart."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from gateway.sandbox import Sandbox, parse_settings
from tests.canaries import canary, packed

USER_PASSWORD = canary("user-password")
APPLICATION_SECRET = canary("application-secret")
CLIENT_SECRET = canary("client-secret")
CLIENT_SECRET_ID = packed(CLIENT_SECRET)
AGENT_PASSWORD = canary("agent-password")
AGENT_SECRET_ID = packed(AGENT_PASSWORD)
_SECRETS = {
    "ig_agent:\n        password: password": AGENT_PASSWORD,
    "client-application:\n        secret: password": APPLICATION_SECRET,
    "serviceConfidentialClient:\n        secret: password": CLIENT_SECRET,
    "password: Ch4ng31t": USER_PASSWORD,
}
_INSTEAD = {setting: f"{setting.rpartition(' ')[0]} {secret}" for setting, secret in _SECRETS.items()}


def authorization_server(instead: Mapping[str, str] | None = None, **options: Any) -> Sandbox:
    """A sandbox as in the guide, but for its secrets and what else shall stand in its settings instead."""
    text = (files("gateway.sandbox") / "guide.yaml").read_text("utf-8")
    for documented, own in {**_INSTEAD, **(instead or {})}.items():
        assert documented in text, documented
        text = text.replace(documented, own)
    text += f"sample_application:\n  users:\n    demo: {USER_PASSWORD}\n"
    return Sandbox(parse_settings(text), **options)
