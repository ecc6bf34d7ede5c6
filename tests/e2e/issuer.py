"""An issuer of JWTs: its keys at a URL, and tokens signed with them by another implementation than the gateway's."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from jwcrypto import jwk, jwt

from tests.canaries import learn
from tests.e2e.inside import upstream

NAME = "https://issuer.example.com"


@dataclass
class Issuer:
    """Signs claims."""

    url: str = ""
    key: jwk.JWK = field(default_factory=lambda: jwk.JWK.generate(kty="EC", crv="P-256", kid="k1", use="sig"))

    def token(self, key: jwk.JWK | None = None, **claims: Any) -> str:
        values = {"iss": NAME, "sub": "demo", "exp": int(time.time()) + 300, **claims}
        token = jwt.JWT(header={"alg": "ES256", "kid": "k1"}, claims=values)
        token.make_signed_token(key or self.key)
        value = str(token.serialize())
        learn("a token of the issuer", value)
        return value

    def bearer(self, key: jwk.JWK | None = None, **claims: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(key, **claims)}"}


@asynccontextmanager
async def issuing() -> AsyncIterator[Issuer]:
    """An issuer whose keys can be fetched."""
    issuer = Issuer()

    async def keys(_: web.Request) -> web.Response:
        return web.json_response({"keys": [json.loads(issuer.key.export_public())]})

    async with upstream(keys) as issuer.url:
        yield issuer
