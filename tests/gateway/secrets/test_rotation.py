"""Secrets that change while requests run: none fails, and the new secret is in use at once."""

from __future__ import annotations

import asyncio
import base64
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.jose.token import parse
from tests.gateway.scripted import exchange, started
from tests.gateway.secrets.support import KEYS, literal

FILTERS = ["JwtBuilderFilter", "JwtValidationFilter"]


def _chain(store: dict[str, Any], algorithm: str, secret_id: str) -> dict[str, Any]:
    """Makes a JWT, validates it, and answers with it: both ends of a rotation in one exchange."""
    signature = {"secretId": secret_id, "algorithm": algorithm}
    maker = {"template": {"n": "${attributes.n}"}, "secretsProvider": "keys", "signature": signature}
    reader = {"jwt": "${attributes.jwt}", "verificationSecretId": secret_id, "secretsProvider": "keys"}
    keep = {"onRequest": [{"target": "${attributes.jwt}", "value": "${contexts.jwtBuilder.value}"}]}
    answer = {"type": "StaticResponseHandler", "config": {"status": 200, "entity": "${contexts.jwtValidation.value}"}}
    filters = [
        {"type": "JwtBuilderFilter", "config": maker},
        {"type": "AssignmentFilter", "config": keep},
        {"type": "JwtValidationFilter", "config": reader},
    ]
    return {"declaration": {"type": "Chain", "config": {"filters": filters, "handler": answer}}, "heap": [store]}


def _replace(path: Path, content: bytes) -> None:
    """As key tools and volumes do it: a new file under the old name."""
    other = path.with_suffix(".next")
    other.write_bytes(content)
    os.replace(other, path)  # noqa: PTH105 - the call whose atomicity is the point


async def _run_while(chain: dict[str, Any], changes: list[Any]) -> list[str]:
    """Key ids of the tokens of exchanges that run while each change is made; every exchange has to succeed."""
    seen: list[str] = []

    async def visit(tested: Any, number: int) -> None:
        outcome = await exchange(tested, attributes={"n": number})
        assert outcome.status == 200
        seen.append(parse(outcome.text).header["kid"])

    async with started(chain["declaration"], heap=chain["heap"]) as tested:
        for change in changes:
            running = [asyncio.ensure_future(visit(tested, number)) for number in range(10)]
            await asyncio.sleep(0)
            change()
            await asyncio.gather(*running)
            await visit(tested, 99)
    return seen


async def test_new_version_of_a_file_is_used_at_once_and_the_old_one_still_verifies(tmp_path: Path) -> None:
    def put(name: str) -> Any:
        return lambda: (tmp_path / name).write_text(base64.b64encode(os.urandom(32)).decode())

    put("jwt.key.v1")()
    key_format = {"type": "SecretKeyPropertyFormat", "config": {"algorithm": "HmacSHA256"}}
    config = {"directory": str(tmp_path), "versionSuffix": ".v", "format": key_format}
    store = {"name": "keys", "type": "FileSystemSecretStore", "config": config}
    changes = [put("jwt.key.v2"), put("jwt.key.v3"), lambda: (tmp_path / "jwt.key.v1").unlink()]
    seen = await _run_while(_chain(store, "HS256", "jwt.key"), changes)
    assert seen[10] == "jwt.key.v2" and seen[21] == "jwt.key.v3" == seen[-1]


async def test_keystore_that_is_replaced_while_requests_run_fails_none(tmp_path: Path) -> None:
    file = tmp_path / "keys.p12"
    file.write_bytes((KEYS / "keystore.p12").read_bytes())
    config = {
        "file": str(file),
        "storePasswordSecretId": "p",
        "secretsProvider": literal(p="changeit"),
        "mappings": [{"secretId": "jwt.key", "aliases": ["rsa-new", "rsa-old"]}],
    }
    store = {"name": "keys", "type": "KeyStoreSecretStore", "config": config}
    good = file.read_bytes()
    changes = [
        lambda: _replace(file, good),
        lambda: _replace(file, b"garbage"),
        file.unlink,
        lambda: _replace(file, good),
    ]
    seen = await _run_while(_chain(store, "RS256", "jwt.key"), changes)
    assert set(seen) == {"rsa-new"} and len(seen) == 44


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(versions=st.lists(st.sampled_from(["", "1", "01", "001", "2", "10", "010"]), unique=True))
def test_order_of_versions_is_total_and_by_number(
    versions: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    from tests.gateway.secrets.support import files

    directory = tmp_path_factory.mktemp("versions")
    for version in versions:
        (directory / (f"k.v{version}" if version else "k")).write_text("x")
    found = files(directory, format="PLAIN", versionSuffix=".v")._versions("k")
    documented = ["k.v010", "k.v10", "k.v2", "k.v001", "k.v01", "k.v1", "k"]
    assert found == [name for name in documented if name in found] and len(found) == len(versions)
