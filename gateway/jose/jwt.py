"""A JWT that was read, and how one is read: layer by layer, with keys from secret stores.

Signature and encryption may be nested in any order. For each layer the key is looked up by the documented order: the
secret named by `kid` alone when there is one, else every valid secret, one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

from expr.host import HostType
from expr.types import MAP, STRING
from gateway.http.claims import Claims
from gateway.jose.encryption import decrypt, encryption_purpose
from gateway.jose.errors import InvalidToken
from gateway.jose.signing import payload_of, verify
from gateway.jose.token import CompactToken, parse, read_object
from gateway.secrets.secret import CryptoKey, Purpose

if TYPE_CHECKING:
    from gateway.secrets.base import SecretsSource

MAXIMUM_LAYERS: Final = 3


@dataclass(frozen=True)
class Jwt:
    """A JWT with its claims; `signed` and `encrypted` say which layers it had and that they held."""

    value: str = field(repr=False)
    header: dict[str, Any] = field(repr=False)
    claims: dict[str, Any] = field(repr=False)
    signed: bool = False
    encrypted: bool = False

    published: ClassVar[HostType] = HostType(
        "JWT",
        properties={
            "header": (MAP, "header"),
            "claimsSet": (Claims.published, lambda jwt: Claims(jwt.claims)),
        },
        methods={"build": ((), STRING, lambda jwt: jwt.value)},
        text=lambda jwt: "JWT",
    )


@dataclass(frozen=True)
class JwtReader:
    """Reads JWTs with the secrets of a provider.

    With `verification_secret_id` every signature must verify and there must be one; without it signatures are not
    looked at. With `decryption_secret_id` the token must be encrypted.
    """

    provider: SecretsSource | None = None
    verification_secret_id: str | None = None
    decryption_secret_id: str | None = None

    async def read(self, text: str) -> Jwt:
        """Read a compact JWT; raise InvalidToken with a safe message when it is not one that holds."""
        signed = encrypted = False
        outer: CompactToken | None = None
        content = b""
        for _ in range(MAXIMUM_LAYERS):
            token = parse(text)
            outer = outer or token
            if token.encrypted:
                content, encrypted = await self._decrypted(token), True
            else:
                content, signed = await self._verified(token), True
            if content.lstrip()[:1] == b"{":
                break
            text = _text(content)
        else:
            raise InvalidToken(f"the token has more than {MAXIMUM_LAYERS} layers")
        if self.verification_secret_id is not None and not signed:
            raise InvalidToken("the token is not signed")
        if self.decryption_secret_id is not None and not encrypted:
            raise InvalidToken("the token is not encrypted")
        return Jwt(outer.value, outer.header, read_object(content, "content"), signed, encrypted)

    async def _verified(self, token: CompactToken) -> bytes:
        if self.verification_secret_id is not None:
            keys = await self._keys(self.verification_secret_id, Purpose.VERIFY, token)
            if not any(verify(token, key) for key in keys):
                reason = "the signature of the token is not valid" if keys else "no key fits the signature of the token"
                raise InvalidToken(reason)
        return payload_of(token)

    async def _decrypted(self, token: CompactToken) -> bytes:
        if self.decryption_secret_id is None:
            raise InvalidToken("the token is encrypted, and nothing is configured to decrypt it")
        purpose = encryption_purpose(token.algorithm, decrypt=True)
        keys = await self._keys(self.decryption_secret_id, purpose, token)
        problem = InvalidToken("no key fits the encryption of the token")
        for key in keys:
            try:
                return decrypt(token, key)
            except InvalidToken as error:
                problem = error
        raise problem

    async def _keys(self, secret_id: str, purpose: Purpose, token: CompactToken) -> list[CryptoKey]:
        if self.provider is None:
            return []
        algorithm = str(token.header["enc"]) if token.algorithm == "dir" else token.algorithm
        found = await self.provider.named_or_valid(secret_id, purpose, token.key_id, algorithm=algorithm)
        return [key for key in found if isinstance(key, CryptoKey)]


def _text(content: bytes) -> str:
    try:
        return content.decode("ascii")
    except UnicodeDecodeError:
        raise InvalidToken("the content of the token is neither claims nor a token") from None
