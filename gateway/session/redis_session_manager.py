"""RedisSessionManager: sessions in a Redis server, shared by all gateways that use it. An extension of Gatewright.

The id in the cookie finds the session, of which Redis knows only a hash: what reads the database cannot use a session.
While Redis is gone, requests that need their session are answered 503, and work again when it is back.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Awaitable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pydantic import Field, PrivateAttr

from config.types import Duration, SecretId, Static
from gateway.errors import UpstreamUnavailable
from gateway.http.cookies import parse_cookies
from gateway.secrets.base import Secrets
from gateway.session.base import Session, SessionManager, Values, check_json, dump
from gateway.session.cookie import SessionCookie
from gateway.session.in_memory_session_manager import ID_BYTES

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from gateway.http.context import Context
    from gateway.http.message import Request, Response

T = TypeVar("T")


class RedisSessionManager(SessionManager):
    """Keeps sessions in Redis, for several gateways."""

    url: Static[str] = "redis://localhost:6379/0"
    """Server and database: redis://host:port/database, or rediss:// for TLS."""
    username: Static[str] | None = None
    """User name at the server."""
    passwordSecretId: SecretId | None = None
    """Password at the server."""
    secretsProvider: Secrets | None = None
    """Where the password is."""
    timeout: Duration = Field(default="30 minutes")
    """How long a session lives after it was last used."""
    connectionTimeout: Duration = Field(default="2 seconds")
    """How long the server may take to answer."""
    keyPrefix: Static[str] = "gatewright:session:"
    """What the names of sessions begin with in the database."""
    cookie: SessionCookie = SessionCookie.model_construct()
    """The cookie that names the session."""

    extension: ClassVar[bool] = True
    example: ClassVar = {
        "type": "RedisSessionManager",
        "config": {"url": "redis://redis.example.com:6379/0", "timeout": "1 hour", "cookie": {"secure": True}},
    }

    _redis: Redis | None = PrivateAttr(default=None)

    def verify(self) -> Iterator[tuple[str, str, str]]:
        yield from self.cookie.problems()
        if not self.url.startswith(("redis://", "rediss://", "unix://")):
            yield "url", "the URL of a Redis server begins with redis:// or rediss://", "write redis://host:6379/0"
        if not 1 <= self.timeout < float("inf"):
            yield "timeout", "the timeout of a session is at least one second, and not unlimited", 'write "30 minutes"'
        if self.passwordSecretId is not None and self.secretsProvider is None:
            yield "passwordSecretId", "the ID of a password needs a secretsProvider", "add secretsProvider"

    async def stop(self) -> None:
        if self._redis is not None:
            await self._redis.aclose()
            self._redis = None

    def check(self, name: str, value: Any) -> None:
        check_json(name, value)

    async def load(self, request: Request, context: Context) -> Session:
        lines = request.headers.all("Cookie")

        async def read(session: Session) -> Values:
            for cookie in parse_cookies(lines).get(self.cookie.name) or ():  # type: ignore[attr-defined]
                content = await self._ask((await self._client()).getex(self._name(cookie.value), ex=self._seconds))
                if content is not None:
                    session.handle, session.stored = cookie.value, content
                    return _read(content)
            return {}

        return Session(self, read)

    async def save(self, context: Context, request: Request, response: Response) -> None:
        session = self.own(context)
        if session is None or (session.handle is None and not session):
            return
        for name, value in session.items():
            check_json(name, value)
        content = dump(session.values_now)
        if content == session.stored:
            return
        fresh = session.handle is None
        handle = session.handle or secrets.token_urlsafe(ID_BYTES)
        await self._ask((await self._client()).set(self._name(handle), content, ex=self._seconds))
        session.handle, session.stored = handle, content
        if fresh:
            response.headers.add("Set-Cookie", self.cookie.line(handle))

    @property
    def _seconds(self) -> int:
        return int(self.timeout)

    def _name(self, handle: str | None) -> str:
        return self.keyPrefix + hashlib.sha256((handle or "").encode()).hexdigest()

    async def _client(self) -> Redis:
        if self._redis is None:
            from redis.asyncio import Redis

            password = None
            if self.passwordSecretId is not None and self.secretsProvider is not None:
                password = (await self.secretsProvider.password(self.passwordSecretId)).reveal_text()
            timeout = self.connectionTimeout if 0 < self.connectionTimeout < float("inf") else None
            options: dict[str, Any] = {"socket_timeout": timeout, "socket_connect_timeout": timeout}
            self._redis = Redis.from_url(self.url, username=self.username, password=password, **options)
        return self._redis

    async def _ask(self, command: Awaitable[T]) -> T:
        from redis.exceptions import RedisError

        try:
            return await command
        except (RedisError, OSError) as error:
            # The text of the library's errors names the command, whose arguments are the session.
            message = f"{self.object_name}: the session store does not answer ({type(error).__name__})"
            raise UpstreamUnavailable(message) from None


def _read(content: bytes | str) -> Values:
    values = json.loads(content)
    return values if isinstance(values, dict) else {}
