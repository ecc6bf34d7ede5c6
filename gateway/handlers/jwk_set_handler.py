"""JwkSetHandler: publishes keys as a JSON Web Key set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Final

from config.declaration import Properties
from config.types import SecretId, Static
from gateway.handlers.base import Handler
from gateway.http.message import Response
from gateway.jose.key_usage import KeyUsage
from gateway.secrets.base import Secrets
from gateway.secrets.secret import CryptoKey, Purpose

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request

PURPOSES: Final = {
    KeyUsage.SIGN: (Purpose.SIGN,),
    KeyUsage.VERIFY: (Purpose.VERIFY,),
    KeyUsage.ENCRYPT: (Purpose.DATA_ENCRYPTION, Purpose.KEY_ENCRYPTION),
    KeyUsage.DECRYPT: (Purpose.DATA_DECRYPTION, Purpose.KEY_DECRYPTION),
    KeyUsage.WRAP_KEY: (Purpose.KEY_ENCRYPTION,),
    KeyUsage.UNWRAP_KEY: (Purpose.KEY_DECRYPTION,),
    KeyUsage.AGREE_KEY: (Purpose.KEY_AGREEMENT,),
}
"""Under which purposes the keys of a usage are looked up; an asymmetric key encrypts keys only."""


class PublishedPurpose(Properties):
    """Which keys are published."""

    secretId: SecretId
    """ID of the keys."""
    keyUsage: Static[KeyUsage]
    """What the keys are for."""
    jwkAlgorithm: Static[str] | None = None
    """The algorithm that the keys are published for, such as RS256."""


class JwkSetHandler(Handler):
    """Publishes keys as a JSON Web Key set."""

    secretsProvider: Secrets
    """Where the keys are."""
    purposes: list[PublishedPurpose]
    """Which keys are published."""
    exposePrivateSecrets: Static[bool] = False
    """Whether private and symmetric keys are published too."""

    example: ClassVar = {
        "type": "JwkSetHandler",
        "config": {
            "secretsProvider": {"type": "SystemAndEnvSecretStore"},
            "purposes": [{"secretId": "sign.key", "keyUsage": "SIGN"}],
        },
    }

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if not self.purposes:
            yield "purposes", "a key set needs at least one purpose", 'add {"secretId": ..., "keyUsage": "SIGN"}'

    async def handle(self, context: Context, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            refused = Response(405)
            refused.headers.set("Allow", "GET, HEAD")
            return refused
        response = Response(200)
        response.entity.json = {"keys": await self._keys()}
        response.headers.set("Content-Type", "application/json")
        return response

    async def _keys(self) -> list[dict[str, Any]]:
        keys: list[dict[str, Any]] = []
        for published in self.purposes:
            for key in await self._secrets(published):
                jwk = self._jwk(key, published)
                if jwk is not None and jwk not in keys:
                    keys.append(jwk)
        return keys

    async def _secrets(self, published: PublishedPurpose) -> list[CryptoKey]:
        found: list[CryptoKey] = []
        for purpose in PURPOSES[published.keyUsage]:
            secrets = await self.secretsProvider.valid(published.secretId, purpose, algorithm=published.jwkAlgorithm)
            found += [key for key in secrets if isinstance(key, CryptoKey) and key not in found]
        return found

    def _jwk(self, key: CryptoKey, published: PublishedPurpose) -> dict[str, Any] | None:
        from gateway.jose.keys import jwk_of

        if key.secret is not None and not self.exposePrivateSecrets:
            return None
        jwk = jwk_of(key, private=self.exposePrivateSecrets)
        jwk["use"] = "sig" if published.keyUsage in (KeyUsage.SIGN, KeyUsage.VERIFY) else "enc"
        if published.jwkAlgorithm is not None:
            jwk["alg"] = published.jwkAlgorithm
        return jwk
