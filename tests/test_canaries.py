"""The search for secrets finds them, wherever a gateway writes them and in whatever form."""

from __future__ import annotations

import ast
import base64
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateway.secrets.pem import read_pem
from tests import canaries
from tests.canaries import canary
from tests.e2e.authorization_server import authorization_server
from tests.e2e.processes import gatewright
from tests.e2e.test_new import subject_token
from tests.e2e.worker_clients import fetch
from tests.gateway.instances import running, static
from tests.gateway.scripted import build
from tests.gateway.session.support import Browser

TOKEN = canary("token")
NOWHERE = Path(__file__).parent / "none"
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


KEY = Path(__file__).parent / "data" / "keys" / "rsa-pkcs8.pem"


def test_a_private_key_that_a_gateway_has_read_is_found_in_its_file_and_in_other_encodings() -> None:
    read_pem(KEY.read_text(), "key")
    key = load_pem_private_key(KEY.read_bytes(), None)
    assert isinstance(key, RSAPrivateKey)
    exponent = key.private_numbers().d.to_bytes(256, "big")
    forms = {"file": KEY.read_text(), "hex": exponent.hex(), "jwk": base64.urlsafe_b64encode(exponent).decode()}
    found = [*canaries.found_in(forms.items())]
    assert all(any(f" in {name}: " in leak for leak in found) for name in forms)


async def test_what_is_in_a_session_and_its_cookie_are_found() -> None:
    browser = Browser(build({"type": "InMemorySessionManager"}))
    await browser.put(mail="george.costanza@example.com")
    [cookie] = browser.cookies.values()
    found = [*canaries.found_in([("content", "costanza? george.costanza@example.com"), ("cookie", cookie)])]
    assert [leak.partition(" as ")[0] for leak in found] == ["the content of a session", "a cookie"]


async def test_tokens_that_the_authorization_server_issues_are_found() -> None:
    async with authorization_server(am_port=0, app_port=0) as sandbox:
        token = await subject_token(sandbox)
    assert [leak.partition(" as ")[0] for leak in canaries.found_in([("here", token)])] == ["an issued token"]


SECRET_NAME = re.compile(r"(.*[_-])?(password|passwd|secret|token|apikey|api_key|pin)s?", re.IGNORECASE)
SECRET_TEXT = re.compile(
    r"\b(?:Bearer|Basic) (?!realm|error)[\w.~+/-]{2,}|(?:password|secret|token|pin)=[\w.~+/-]+", re.IGNORECASE
)
STARTS_GATEWAYS = re.compile(r"\b(running|proxying|gatewright|serving|browsing)\(")
MODULES = [file for file in Path(__file__).parent.rglob("test_*.py") if STARTS_GATEWAYS.search(file.read_text("utf-8"))]


@pytest.mark.parametrize("module", MODULES, ids=lambda file: file.stem)
def test_a_test_that_starts_gateways_takes_its_secrets_from_canary(module: Path) -> None:
    assert len(MODULES) > 25
    assert not [*literal_secrets(ast.parse(module.read_text("utf-8")))]


def literal_secrets(tree: ast.AST) -> Iterator[str]:
    """Texts with the names of secrets, and those that have credentials in them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for name, value in zip(node.keys, node.values, strict=True):
                if SECRET_NAME.fullmatch(text_of(name)) and (secret := text_of(value)) and "${" not in secret:
                    yield f"line {value.lineno}: {secret}"
        yield from (f"line {node.lineno}: {found}" for found in SECRET_TEXT.findall(text_of(node)))


def text_of(node: ast.AST | None) -> str:
    """A constant text, unless it has a canary in it."""
    value = node.value if isinstance(node, ast.Constant) else ""
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return text if isinstance(text, str) and not [*canaries.found_in([("", text)])] else ""


LEAKING = f"""
import logging, pytest

def test_tells():
    logging.getLogger("gatewright.x").debug("the token is {TOKEN}")

@pytest.mark.shows_secrets("the log", reason="why not")
def test_may_tell():
    logging.getLogger("gatewright.x").debug("the token is {TOKEN}")

@pytest.mark.shows_secrets("the metrics", reason="who knows")
def test_does_not_tell(): pass
"""


def test_a_test_fails_in_which_a_secret_was_written_or_that_expects_one_in_vain(tmp_path: Path) -> None:
    file = tmp_path / "test_leaking.py"
    file.write_text(LEAKING)
    root = Path(__file__).parents[1]
    command = [sys.executable, "-m", "pytest", "-c", str(root / "pyproject.toml"), "-p", "tests.conftest", str(file)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert canaries.leaks()  # those of the tests within
    assert "a canary as plain text in the log gatewright.x" in done.stdout
    assert re.findall(r"^ERROR .*::(\w+)", done.stdout, re.MULTILINE) == ["test_tells", "test_does_not_tell"]


def test_hardly_any_test_has_secrets_in_what_gateways_write() -> None:
    texts = {file.name: file.read_text("utf-8") for file in Path(__file__).parent.rglob("test_*.py")}
    marked = {name for name, text in texts.items() if "mark.shows_secrets(" in text}
    assert marked == {"test_tracing_decorator.py", Path(__file__).name}


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


def test_a_secret_in_the_text_of_an_exception_or_of_its_cause_is_found() -> None:
    with pytest.raises(ValueError):
        try:
            raise KeyError(TOKEN)
        except KeyError as error:
            raise ValueError("safe") from error
    assert places(NOWHERE) == {"an exception"}


def test_a_secret_that_is_printed_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    sys.stdout.write(TOKEN)
    capsys.readouterr()
    assert places(NOWHERE) == {"stdout or stderr"}
