"""The search for secrets finds them, wherever a gateway writes them and in whatever form."""

from __future__ import annotations

import base64
import json
import shutil
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests import canaries
from tests.canaries import canary
from tests.e2e.processes import gatewright
from tests.e2e.worker_clients import fetch
from tests.gateway.instances import running, static

TOKEN = canary("token")
CAPTURE = {"name": "capture", "type": "CaptureDecorator", "config": {"captureEntity": True}}


@pytest.mark.parametrize("surrounding", ["", "a", "ab", "abc", "user:"])
@pytest.mark.parametrize("secret", [TOKEN, "learned: \u00e4 longer one"])
def test_a_secret_is_found_in_every_form(surrounding: str, secret: str) -> None:
    canaries.learn("learned", secret)
    text = f"{surrounding}{secret}{surrounding}".encode()
    written: dict[str, Any] = {
        "plain": text.decode(),
        "base64": base64.b64encode(text).decode(),
        "base64url": base64.urlsafe_b64encode(text).decode(),
        "hex": text.hex(),
        "url": quote(text),
        "bytes": str([*text]),
    }
    assert len(list(canaries.found_in(written.items()))) == len(written)
    assert not list(canaries.found_in([("elsewhere", "nothing")]))


def test_a_token_is_found_by_any_part_that_is_its_own_and_when_it_was_cut() -> None:
    head, claims, signature = "eyJhbGciOiJFUzI1NiJ9", "eyJzdWIiOiJnZW9yZ2UifQ", "c2lnbmF0dXJlIG9mIHRoaXMgb25l"
    canaries.learn("token", f"{head}.{claims}.{signature}")
    found = canaries.found_in([("head", head), ("claims", claims), ("cut", signature[:-2])])
    assert [leak.partition(":")[0] for leak in found] == [
        f"token as plain text in {name}" for name in ("claims", "cut")
    ]


def telling(entity: str, **heap_object: Any) -> dict[str, Any]:
    """A route that answers with a text, which the capture shows."""
    answer = static(entity)
    answer["handler"]["config"]["headers"] = {"Content-Type": ["text/plain"]}
    return {**answer, "capture": "response", "heap": [CAPTURE], **heap_object}


async def leaks_of(directory: Path, route: dict[str, Any], path: str = "/", **options: Any) -> set[str]:
    """Places of a gateway where secrets were found after one request."""
    async with running(directory, routes={"tells": route}, **options) as gateway:
        await gateway.get(path)
    return places(directory)


def places(directory: Path) -> set[str]:
    return {leak.partition(": ...")[0].partition(" in ")[2] for leak in canaries.leaks(directory)}


async def test_a_secret_in_the_log_is_found(tmp_path: Path) -> None:
    assert await leaks_of(tmp_path, telling(TOKEN)) == {"the log gatewright.CaptureDecorator.capture.tells"}


async def test_a_secret_in_an_answer_that_tells_of_an_error_is_found(tmp_path: Path) -> None:
    assert await leaks_of(tmp_path, static(TOKEN, 500)) == {"an answer with 500"}


async def test_a_secret_in_the_metrics_is_found(tmp_path: Path) -> None:
    found = await leaks_of(tmp_path, {**static(), "name": TOKEN})
    assert "the metrics" in found


AUDIT = "org.forgerock.audit.handlers.json"


def audited(handler: str, **config: Any) -> dict[str, Any]:
    handlers = [{"class": f"{AUDIT}.{handler}", "config": {"name": "audit", "topics": ["access"], **config}}]
    return {"name": "AuditService", "type": "AuditService", "config": {"eventHandlers": handlers}}


async def test_a_secret_in_a_file_of_the_gateway_is_found_and_one_in_its_configuration_is_none(tmp_path: Path) -> None:
    service = audited("JsonAuditEventHandler", logDirectory=str(tmp_path / "audit"))
    found = await leaks_of(tmp_path, {**static(TOKEN), "heap": [service]}, f"/{TOKEN}")
    assert found == {"the file access.audit.json"}
    shutil.rmtree(tmp_path / "audit")


async def test_secrets_that_a_process_writes_are_found(tmp_path: Path) -> None:
    service = audited("stdout.JsonStdoutAuditEventHandler")
    route = tmp_path / "tells.json"
    route.write_text(json.dumps({**telling(TOKEN), "heap": [CAPTURE, service]}))
    with (tmp_path / "stdout").open("wb") as stdout:
        async with gatewright(route, https=False, stdout=stdout) as process:
            await fetch(process.http(f"/{TOKEN}"))
    assert places(tmp_path) == {"the log of a process", "the stdout of a process"}


def test_a_secret_that_is_printed_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    sys.stdout.write(TOKEN)
    capsys.readouterr()
    assert places(Path(__file__).parent / "none") == {"stdout or stderr"}
