"""RedisSessionManager: sessions in a Redis server, shared by all gateways that use it. An extension of Gatewright.

The id in the cookie finds the session, of which Redis knows only a hash: what reads the database cannot use a session.
While Redis is gone, requests that need their session are answered 503, and work again when it is back.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pydantic import Field

from config.types import Duration, Static
from gateway.errors import UpstreamUnavailable
from gateway.http.cookies import parse_cookies
from gateway.redis_connection import RedisConnection, RedisUnavailable
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

    redis: RedisConnection
    """The server that keeps the sessions."""
    timeout: Duration = Field(default="30 minutes")
    """How long a session lives after it was last used."""
    keyPrefix: Static[str] = "gatewright:session:"
    """What the names of sessions begin with in the database."""
    cookie: SessionCookie = SessionCookie.model_construct()
    """The cookie that names the session."""

    extension: ClassVar[bool] = True
    example: ClassVar = {
        "type": "RedisSessionManager",
        "config": {
            "redis": {"url": "redis://redis.example.com:6379/0"},
            "timeout": "1 hour",
            "cookie": {"secure": True},
        },
    }

    def verify(self) -> Iterator[tuple[str, str, str]]:
        yield from self.cookie.problems()
        yield from self.redis.problems("redis")
        if not 1 <= self.timeout < float("inf"):
            yield "timeout", "the timeout of a session is at least one second, and not unlimited", 'write "30 minutes"'

    async def stop(self) -> None:
        await self.redis.close()

    def check(self, name: str, value: Any) -> None:
        check_json(name, value)

    async def read(self, session: Session, cookies: list[str]) -> Values:
        for cookie in parse_cookies(cookies).get(self.cookie.name) or ():  # type: ignore[attr-defined]
            name = self._name(cookie.value)
            content = await self._ask(lambda client, name=name: client.getex(name, ex=self._seconds))
            if content is not None:
                session.handle, session.stored = cookie.value, content
                return _read(content)
        return {}

    async def save(self, context: Context, request: Request, response: Response) -> None:
        session = self.own(context)
        if session is None or (session.handle is None and not session):
            return
        for name, value in session.items():
            check_json(name, value)
        content = dump(session.values_now).decode()
        if content == session.stored:
            return
        fresh = session.handle is None
        handle = session.handle or secrets.token_urlsafe(ID_BYTES)
        before = session.stored or "{}"

        async def put(client: Redis) -> str:
            return await self._put(client, self._name(handle), before, content)

        session.stored = await self._ask(put)
        session.handle = handle
        if fresh:
            response.headers.add("Set-Cookie", self.cookie.line(handle))

    async def _put(self, client: Redis, name: str, before: str, content: str) -> str:
        """Put what this request changed into the session as it is by now; what is kept then.

        So a request that began before a logout does not bring the session back when it ends behind it.
        """
        from redis.exceptions import WatchError

        from gateway.session.between_workers import merge

        async with client.pipeline(transaction=True) as pipe:
            while True:
                await pipe.watch(name)
                there: Any = await pipe.get(name)
                kept = content
                if there is not None and there != before:
                    kept = dump(merge(_read(before), _read(content), _read(there))).decode()
                pipe.multi()  # type: ignore[no-untyped-call]
                pipe.set(name, kept, ex=self._seconds)
                try:
                    await pipe.execute()
                except WatchError:
                    continue  # somebody else was faster; the time limit of a question ends this
                return kept

    @property
    def _seconds(self) -> int:
        return int(self.timeout)

    def _name(self, handle: str | None) -> str:
        return self.keyPrefix + hashlib.sha256((handle or "").encode()).hexdigest()

    async def _ask(self, question: Callable[[Redis], Awaitable[T]]) -> T:
        try:
            return await self.redis.ask(question)
        except RedisUnavailable as error:
            raise UpstreamUnavailable(f"{self.object_name}: the session store does not answer ({error})") from None


def _read(content: str) -> Values:
    values = json.loads(content)
    return values if isinstance(values, dict) else {}
