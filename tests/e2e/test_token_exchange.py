"""The documented token exchange, with real processes, over TLS, by the guide's own curl commands."""

from __future__ import annotations

import asyncio
import json
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from gateway.sandbox import Sandbox
from tests.e2e.authorization_server import APPLICATION_SECRET, CLIENT_SECRET, USER_PASSWORD, authorization_server
from tests.e2e.processes import Process, free_port, gatewright

ROUTE = Path(str(files("routes"))) / "token-exchange.json"
FORM = ("--header", "Content-Type: application/x-www-form-urlencoded")


async def curl(*arguments: object) -> str:
    process = await asyncio.create_subprocess_exec(
        "curl", "-sS", "--max-time", "30", *map(str, arguments), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


async def introspect(sandbox: Sandbox, token: str, client: str, secret: str) -> dict[str, object]:
    answer = await curl(
        *to_am(sandbox), "--location", "--request", "POST",
        f"http://am.example.com:{sandbox.am_port}/openam/oauth2/realms/root/introspect", *FORM,
        "--data-urlencode", f"token={token}", "--data-urlencode", f"client_id={client}",
        "--data-urlencode", f"client_secret={secret}",
    )  # fmt: skip
    return dict(json.loads(answer))


def to_am(sandbox: Sandbox) -> tuple[str, str]:
    return "--resolve", f"am.example.com:{sandbox.am_port}:127.0.0.1"


def route_for(sandbox: Sandbox, directory: Path) -> Path:
    """The documented route; only the port of AM is that of this test's sandbox."""
    text = ROUTE.read_text("utf-8")
    assert "http://am.example.com:8088/openam/" in text
    route = directory / "token-exchange.json"
    route.write_text(text.replace("am.example.com:8088", f"am.example.com:{sandbox.am_port}"), "utf-8")
    return route


async def subject_token(sandbox: Sandbox) -> str:
    answer = await curl(
        *to_am(sandbox), "--user", f"client-application:{APPLICATION_SECRET}",
        "--data", f"grant_type=password&username=demo&password={USER_PASSWORD}&scope=mail%20employeenumber",
        f"http://am.example.com:{sandbox.am_port}/openam/oauth2/access_token",
    )  # fmt: skip
    return str(json.loads(answer)["access_token"])


async def exchange(gateway: Process, token: str) -> str:
    return await curl(
        "--resolve", f"ig.example.com:{gateway.https_port}:127.0.0.1", "--cacert", gateway.certificate,
        "--location", "--request", "POST", f"https://ig.example.com:{gateway.https_port}/token-exchange", *FORM,
        "--data", f"subject_token={token}",
    )  # fmt: skip


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_the_guide_works_step_by_step(tmp_path: Path) -> None:
    async with authorization_server(am_port=0, app_port=free_port()) as sandbox:
        route = route_for(sandbox, tmp_path)
        async with gatewright(route, options=("--resolve", "am.example.com:127.0.0.1")) as gateway:
            token = await subject_token(sandbox)
            before = await introspect(sandbox, token, "client-application", APPLICATION_SECRET)
            assert (before["client_id"], before["scope"]) == ("client-application", "employeenumber mail")
            assert before["may_act"] == {"client_id": "serviceConfidentialClient"}
            answer = json.loads(await exchange(gateway, token))
            assert answer["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
            after = await introspect(sandbox, answer["access_token"], "serviceConfidentialClient", CLIENT_SECRET)
            assert (after["client_id"], after["scope"]) == ("serviceConfidentialClient", "mail")
            assert (after["sub"], after["active"]) == ("(usr!demo)", True)
            await gateway.line("capture")
