"""JwtBuilderFilter: packs data of the exchange into a signed and/or encrypted JWT."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from config.declaration import Properties
from config.types import Runtime, SecretId, Static
from expr.values import as_json, json_text
from gateway.errors import ExchangeError
from gateway.filters.base import Filter, Next
from gateway.http.context import Context, InnerContext
from gateway.jose.algorithms import CONTENT_ENCRYPTION, KEY_MANAGEMENT, SIGNATURES
from gateway.secrets.base import Secrets
from gateway.secrets.secret import Purpose

if TYPE_CHECKING:
    from gateway.http.message import Request, Response


class JwtBuilderContext(InnerContext, name="jwtBuilder"):
    """The JWT that was made from a template."""


class Encryption(Properties):
    """How the JWT is encrypted."""

    secretId: SecretId
    """ID of the key."""
    algorithm: Static[str]
    """How the content key is protected, such as RSA-OAEP-256 or dir."""
    method: Static[str]
    """How the content is encrypted, such as A256GCM."""


class Signature(Properties):
    """How the JWT is signed."""

    secretId: SecretId
    """ID of the key."""
    includeKeyId: Static[bool] = True
    """Whether the header of the JWT names the key."""
    algorithm: Static[str] = "RS256"
    """The algorithm of the signature."""
    encryption: Encryption | None = None
    """How the signed JWT is encrypted."""


class JwtBuilderFilter(Filter):
    """Makes a JWT of data of the exchange."""

    template: Runtime[dict[str, Any]]
    """The claims: a map of expressions, or an expression that gives a map."""
    secretsProvider: Secrets
    """Where the keys are."""
    signature: Signature | None = None
    """How the JWT is signed."""
    encryption: Encryption | None = None
    """How the JWT is encrypted."""

    provides: ClassVar = {"next": ("jwtBuilder",)}
    example: ClassVar = {
        "type": "JwtBuilderFilter",
        "config": {
            "template": {"sub": "${contexts.ssoToken.info.uid}", "exp": "${now.plusSeconds(30).epochSeconds}"},
            "secretsProvider": {"type": "SystemAndEnvSecretStore"},
            "signature": {"secretId": "jwt.signing", "algorithm": "RS512"},
        },
    }

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if self.signature is None and self.encryption is None:
            yield "signature", "a JWT is signed, encrypted or both", "add signature, or encryption"
        if self.signature is not None:
            if self.signature.algorithm not in SIGNATURES:
                yield "signature", f'"{self.signature.algorithm}" is not an algorithm of signatures', _known(SIGNATURES)
            if self.signature.encryption is not None and self.encryption is not None:
                yield "encryption", "encryption is configured twice", "remove it here or in signature"
        encryption = self._encryption
        if encryption is not None and encryption.algorithm not in KEY_MANAGEMENT:
            yield "encryption", f'"{encryption.algorithm}" is not an algorithm of encryption', _known(KEY_MANAGEMENT)
        if encryption is not None and encryption.method not in CONTENT_ENCRYPTION:
            yield "encryption", f'"{encryption.method}" is not a method of encryption', _known(CONTENT_ENCRYPTION)

    @property
    def _encryption(self) -> Encryption | None:
        return self.encryption or (self.signature.encryption if self.signature is not None else None)

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        claims = await self.template(context, request)
        if not isinstance(claims, dict):
            raise ExchangeError(f"{self.object_name}: the template does not give a map of claims")
        token = await self._token(json_text(claims).encode())
        made = JwtBuilderContext(context, value=token, claims=claims, claims_as_json_value=as_json(claims))
        return await next(made, request)

    async def _token(self, payload: bytes) -> str:
        from gateway.jose.encryption import encrypt, encryption_purpose
        from gateway.jose.signing import sign

        content = payload
        header: dict[str, Any] = {"typ": "JWT"}
        if self.signature is not None:
            algorithm = self.signature.algorithm
            key = await self.secretsProvider.key(self.signature.secretId, Purpose.SIGN, algorithm=algorithm)
            named = {"kid": key.stable_id} if self.signature.includeKeyId and key.stable_id else {}
            content = sign(payload, key, {"typ": "JWT", **named, "alg": algorithm}).encode()
            header["cty"] = "JWT"
        if self._encryption is None:
            return content.decode()
        algorithm, method = self._encryption.algorithm, self._encryption.method
        purpose = encryption_purpose(algorithm)
        need = method if algorithm == "dir" else algorithm
        key = await self.secretsProvider.key(self._encryption.secretId, purpose, algorithm=need)
        return encrypt(content, key, {**header, "alg": algorithm, "enc": method})


def _known(algorithms: dict[str, Any]) -> str:
    return f"use one of {', '.join(algorithms)}"
