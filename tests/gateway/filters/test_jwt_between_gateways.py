"""Tokens that one running gateway makes and another validates, with nothing between them but published keys."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.canaries import learn
from tests.gateway.instances import Answer, Running, at, running

NOW = "${now.epochSeconds}"
SOON = "${now.plusSeconds(60).epochSeconds}"


def _store(directory: Path) -> dict[str, Any]:
    config = {"directory": str(directory), "versionSuffix": ".v", "format": {"type": "PemPropertyFormat"}}
    return {"type": "FileSystemSecretStore", "config": config}


def _chain(path: str, filters: list[dict[str, Any]], entity: str) -> dict[str, Any]:
    answer = {"type": "StaticResponseHandler", "config": {"status": 200, "entity": entity}}
    return {"condition": at(path), "handler": {"type": "Chain", "config": {"filters": filters, "handler": answer}}}


def _maker(store: dict[str, Any], algorithm: str) -> dict[str, Any]:
    """A route that makes a token for the user that the query names, and one that publishes the keys."""
    template = {"sub": "${request.queryParams['user'][0]}", "iss": "maker", "iat": NOW, "exp": SOON}
    config = {
        "template": template,
        "secretsProvider": store,
        "signature": {"secretId": "sign.key", "algorithm": algorithm},
    }
    purposes = [{"secretId": "sign.key", "keyUsage": "SIGN"}]
    return {
        "token": _chain("/token", [{"type": "JwtBuilderFilter", "config": config}], "${contexts.jwtBuilder.value}"),
        "keys": {
            "condition": at("/keys"),
            "handler": {"type": "JwkSetHandler", "config": {"secretsProvider": store, "purposes": purposes}},
        },
    }


def _reader(keys: str) -> dict[str, Any]:
    """A route that answers with the subject of a token that holds."""
    config = {
        "jwt": "${request.headers['Authorization'][0]}",
        "verificationSecretId": "any.id",
        "secretsProvider": {"type": "JwkSetSecretStore", "config": {"jwkUrl": keys, "cacheMissCacheTime": "0 s"}},
    }
    filters = [{"type": "JwtValidationFilter", "config": config}]
    return {"who": _chain("/who", filters, "${contexts.jwtValidation.info.sub}")}


def _write_key(directory: Path, version: int, key: Any) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    partial = directory / "partial"
    partial.write_bytes(pem)
    partial.replace(directory / f"sign.key.v{version}")


def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@dataclass
class Two:
    """A gateway that makes tokens with the keys of a directory, and one that reads them."""

    maker: Running
    reader: Running
    keys: Path

    async def token(self, user: str = "bob") -> str:
        token = (await self.maker.get(f"/token?user={user}")).text
        learn("a token of a gateway", token)
        return token

    async def who(self, token: str) -> Answer:
        return await self.reader.get("/who", headers={"Authorization": token})


@asynccontextmanager
async def _two(directory: Path, algorithm: str = "RS256", key: Any = None) -> AsyncIterator[Two]:
    keys = directory / "keys"
    keys.mkdir()
    _write_key(keys, 1, key or _rsa())
    async with (
        running(directory / "maker", routes=_maker(_store(keys), algorithm)) as maker,
        running(directory / "reader", routes=_reader(f"{maker.url}/keys")) as reader,
    ):
        yield Two(maker, reader, keys)


def _kid(token: str) -> str:
    header = token.partition(".")[0]
    return json.loads(base64.urlsafe_b64decode(header + "=="))["kid"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("algorithm", "key"), [("RS256", None), ("PS384", None), ("ES256", ec.generate_private_key(ec.SECP256R1()))]
)
async def test_a_token_of_one_gateway_is_validated_by_another(tmp_path: Path, algorithm: str, key: Any) -> None:
    async with _two(tmp_path, algorithm, key) as two:
        answer = await two.who(await two.token("bob"))
        assert (answer.status, answer.text) == (200, "bob")
        published = (await two.maker.get("/keys")).json["keys"]
        assert len(published) == 1
        assert "d" not in published[0]


async def test_a_token_that_was_touched_or_is_of_a_stranger_is_refused(tmp_path: Path) -> None:
    async with _two(tmp_path) as two:
        head, claims, signature = (await two.token("bob")).split(".")
        _, others, _ = (await two.token("eve")).split(".")
        assert (await two.who(f"{head}.{others}.{signature}")).status == 403
        assert (await two.who(f"{head}.{claims}.")).status == 403
        (tmp_path / "stranger").mkdir()
        async with _two(tmp_path / "stranger") as stranger:
            assert (await two.who(await stranger.token("bob"))).status == 403


async def test_a_key_that_is_rotated_between_them_fails_no_token(tmp_path: Path) -> None:
    async with _two(tmp_path) as two:
        before = await two.token("before")
        assert (await two.who(before)).text == "before"
        _write_key(two.keys, 2, _rsa())
        after = await two.token("after")
        assert _kid(after) != _kid(before)
        assert [(await two.who(token)).text for token in (after, before)] == ["after", "before"]


async def test_tokens_hold_while_keys_are_rotated_and_requests_run(tmp_path: Path) -> None:
    async with _two(tmp_path) as two:

        async def visit(user: str) -> bool:
            return (await two.who(await two.token(user))).text == user

        kids = set()
        for version in range(2, 5):
            key = _rsa()
            visits = [asyncio.ensure_future(visit(f"u{number}")) for number in range(8)]
            await asyncio.sleep(0)
            _write_key(two.keys, version, key)
            assert all(await asyncio.gather(*visits))
            kids.add(_kid(await two.token()))
        assert len(kids) == 3
