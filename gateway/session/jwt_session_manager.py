"""JwtSessionManager: the session itself, encrypted, in cookies of the client.

The content is JSON in a JWE with a direct symmetric key. It is bound to the name of the cookie and to the end of its
validity; whatever does not decrypt, or is over, is a new and empty session. Being stateless, it cannot take back a
cookie that a client kept: a copy is good until the session's end.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Final

from pydantic import Field, PrivateAttr

from config.successor import MovedInto
from config.types import Duration, SecretId, Static
from gateway.errors import ExchangeError
from gateway.http.cookies import Cookies, parse_cookies
from gateway.jose.algorithms import CONTENT_ENCRYPTION
from gateway.secrets.base import Secrets
from gateway.secrets.secret import CryptoKey, Purpose
from gateway.session.base import Session, SessionManager, Values, check_json, dump
from gateway.session.cookie import SessionCookie

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.context import Context
    from gateway.http.message import Request, Response

LONGEST: Final = 3650 * 86400.0
COOKIE_SIZE: Final = 4096
"""Bytes of one cookie, name and attributes included, that every browser takes."""
MOST_COOKIES: Final = 10
DECOMPRESSED: Final = 1024 * 1024
TOKEN_TYPE: Final = "gatewright-session+jwt"
"""Keeps tokens that something else made with the same key from being sessions."""


class JwtSessionCookie(SessionCookie):
    """The cookie of a session."""

    name: Static[str] = "openig-jwt-session"
    """Name of the cookie."""


class JwtSessionManager(SessionManager):
    """Keeps sessions in encrypted cookies of the client."""

    authenticatedEncryptionSecretId: SecretId | None = None
    """ID of the symmetric key; without one a random key is made, and sessions end when the gateway starts again or
    the file of the manager is changed.
    """
    encryptionMethod: Static[str] = "A256GCM"
    """How the session is encrypted, as in the enc of a JWE."""
    cookie: JwtSessionCookie = JwtSessionCookie.model_construct()
    """The cookie that holds the session."""
    sessionTimeout: Duration = Field(default="30 minutes")
    """How long a session is valid from its beginning, at most 3650 days."""
    persistentCookie: Static[bool] = False
    """Whether the cookie outlives the browser, up to the end of the session."""
    secretsProvider: Secrets | None = None
    """Where the key is."""
    skewAllowance: Duration = Field(default="zero")
    """Tolerated difference of clocks."""
    useCompression: Static[bool] = False
    """Whether the content is compressed before it is encrypted."""

    example: ClassVar = {
        "type": "JwtSessionManager",
        "config": {"cookie": {"name": "GWJ", "secure": True}, "sessionTimeout": "2 hours"},
    }
    removed: ClassVar = {
        "alias": "put the key into a KeyStoreSecretStore, and use authenticatedEncryptionSecretId",
        "keystore": "use a KeyStoreSecretStore as secretsProvider",
        "password": "use storePasswordSecretId of a KeyStoreSecretStore",
        "sharedSecret": "use authenticatedEncryptionSecretId with a secretsProvider",
        "cookieName": MovedInto("cookie", "use name of cookie (removed in 2024.3)", "name"),
        "cookieDomain": MovedInto("cookie", "use domain of cookie (removed in 2024.3)", "domain"),
    }

    _key: CryptoKey | None = PrivateAttr(default=None)
    _clock: Callable[[], float] = PrivateAttr(default=time.time)

    def verify(self) -> Iterator[tuple[str, str, str]]:
        yield from self.cookie.problems()
        if self.encryptionMethod not in CONTENT_ENCRYPTION:
            methods = ", ".join(CONTENT_ENCRYPTION)
            yield "encryptionMethod", f'"{self.encryptionMethod}" is not a method of encryption', f"use {methods}"
        if self.sessionTimeout <= 0:
            yield "sessionTimeout", "the timeout of a session is longer than nothing", 'write "30 minutes"'
        if self.authenticatedEncryptionSecretId is not None and self.secretsProvider is None:
            yield "authenticatedEncryptionSecretId", "the ID of a key needs a secretsProvider", "add secretsProvider"

    def prepare(self, heap: Heap) -> None:
        if self.authenticatedEncryptionSecretId is None:
            length = CONTENT_ENCRYPTION[self.encryptionMethod].exactly
            several = getattr(heap.host, "shared_directory", None) is not None
            secret = _common_key(heap, length) if several else secrets.token_bytes(length)
            self._key = CryptoKey(secret=secret, stable_id="random")

    def check(self, name: str, value: Any) -> None:
        check_json(name, value)

    async def read(self, session: Session, cookies: list[str]) -> Values:
        parts = self._parts(parse_cookies(cookies))
        payload = await self._open("".join(parts)) if parts else None
        values: Values = payload["data"] if payload is not None else {}
        session.handle = (len(parts), payload["exp"] if payload is not None else None)
        session.stored = dump(values)
        return values

    async def save(self, context: Context, request: Request, response: Response) -> None:
        session = self.own(context)
        if session is None:
            return
        for name, value in session.items():
            check_json(name, value)
        content = dump(session.values_now)
        if content == session.stored:
            return
        before, end = session.handle
        session.stored = content
        parts: list[str] = []
        if session:
            end = end or self._clock() + min(self.sessionTimeout, LONGEST)
            parts = self._split(await self._seal(session.values_now, end), end)
        for index, part in enumerate(parts):
            response.headers.add("Set-Cookie", self._line(part, index, end))
        for index in range(len(parts), before):
            response.headers.add("Set-Cookie", self.cookie.line("", suffix=_suffix(index), expires=0))
        session.handle = (len(parts), end if parts else None)

    def _parts(self, cookies: Cookies) -> list[str]:
        """The values of the cookie and of its continuations, as far as they go."""
        parts: list[str] = []
        while len(parts) < MOST_COOKIES:
            cookie = cookies.first(f"{self.cookie.name}{_suffix(len(parts))}")
            if cookie is None or not cookie.value:
                break
            parts.append(cookie.value)
        return parts

    def _split(self, value: str, end: float) -> list[str]:
        room = COOKIE_SIZE - len(self._line("", MOST_COOKIES, end))
        if len(value) > room * MOST_COOKIES:
            limit = room * MOST_COOKIES
            raise ExchangeError(f"the session does not fit its cookies: {len(value)} bytes, at most {limit}")
        return [value[start : start + room] for start in range(0, len(value), room)]

    def _line(self, part: str, index: int, end: float) -> str:
        return self.cookie.line(part, suffix=_suffix(index), expires=end if self.persistentCookie else None)

    async def _seal(self, values: Values, end: float) -> str:
        from gateway.jose.encryption import encrypt

        key = self._key
        if key is None:
            assert self.secretsProvider is not None
            assert self.authenticatedEncryptionSecretId is not None
            key = await self.secretsProvider.key(
                self.authenticatedEncryptionSecretId, Purpose.DATA_ENCRYPTION, algorithm=self.encryptionMethod
            )
        header = {"typ": TOKEN_TYPE, "alg": "dir", "enc": self.encryptionMethod}
        if self.useCompression:
            header["zip"] = "DEF"
        payload = {"aud": self.cookie.name, "iat": self._clock(), "exp": end, "data": values}
        return encrypt(json.dumps(payload, separators=(",", ":")).encode(), key, header)

    async def _open(self, value: str) -> dict[str, Any] | None:
        """The payload of a cookie that is whole, ours and still valid."""
        from gateway.jose.encryption import decrypt
        from gateway.jose.errors import InvalidToken
        from gateway.jose.token import parse, read_object

        try:
            token = parse(value)
        except InvalidToken as error:
            self.log.info("%s: a session cookie is not readable, the session is new: %s", self.object_name, error)
            return None
        for key in await self._reading_keys() if token.header.get("typ") == TOKEN_TYPE else ():
            try:
                payload = read_object(decrypt(token, key, limit=DECOMPRESSED), "content")
            except InvalidToken:
                continue
            return payload if self._holds(payload) else None
        self.log.info("%s: a session cookie cannot be decrypted, the session is new", self.object_name)
        return None

    async def _reading_keys(self) -> list[CryptoKey]:
        if self._key is not None:
            return [self._key]
        assert self.secretsProvider is not None
        assert self.authenticatedEncryptionSecretId is not None
        found = await self.secretsProvider.valid(
            self.authenticatedEncryptionSecretId, Purpose.DATA_DECRYPTION, algorithm=self.encryptionMethod
        )
        return [key for key in found if isinstance(key, CryptoKey)]

    def _holds(self, payload: dict[str, Any]) -> bool:
        now, skew = self._clock(), self.skewAllowance
        fits = payload.get("aud") == self.cookie.name
        if not fits or not payload["iat"] - skew <= now < payload["exp"] + skew:
            reason = "is over" if fits else "belongs to another cookie"
            self.log.info("%s: a session %s, a new one begins", self.object_name, reason)
            return False
        return True


def _common_key(heap: Heap, length: int) -> bytes:
    """The random key that all worker processes of a gateway have for one manager.

    It comes from what was random before they were started, and from the place of the manager in its file as it is now:
    each manager has its own, and a changed file has others, in every worker alike.
    """
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    source, span = heap.where(None)
    names = []
    scope: Heap | None = heap
    while scope is not None:
        names.append(scope.name)
        scope = scope.parent
    place = json.dumps([TOKEN_TYPE, names, source.name, source.text, span])
    return HKDF(SHA256(), length, salt=None, info=place.encode()).derive(heap.host.shared_key)


def _suffix(index: int) -> str:
    return f"_{index}" if index else ""
