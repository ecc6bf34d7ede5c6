"""InMemorySessionManager: sessions in the memory of the gateway, found by the random id in a cookie.

Sessions outlive a reload: the manager of a new generation takes over the sessions of the one that it replaces. Where
several worker processes serve, they share the sessions, whose values then have to be what JSON can represent.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

from pydantic import Field, PrivateAttr

from config.types import Duration
from gateway.http.cookies import parse_cookies
from gateway.session.base import Session, SessionManager, Values, check_json, dump
from gateway.session.cookie import SessionCookie

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.context import Context
    from gateway.http.message import Request, Response
    from gateway.session.between_workers import WorkerSessions

ID_BYTES: Final = 32


@dataclass
class _Kept:
    values: Values
    used: float


@dataclass
class _Sessions:
    """Sessions by id, the one that was used longest ago first; `users` counts the managers that share them."""

    kept: OrderedDict[str, _Kept] = field(default_factory=OrderedDict)
    users: int = 0

    def find(self, name: str, now: float, timeout: float) -> _Kept | None:
        found = self.kept.get(name)
        if found is None or now - found.used >= timeout:
            return None
        found.used = now
        self.kept.move_to_end(name)
        return found

    def keep(self, name: str, values: Values, now: float, timeout: float) -> None:
        """Keep a new session, and let go of those whose time is over."""
        while self.kept and now - next(iter(self.kept.values())).used >= timeout:
            self.kept.popitem(last=False)
        self.kept[name] = _Kept(values, now)


_SHARED: dict[tuple[str, ...], _Sessions] = {}


class InMemorySessionManager(SessionManager):
    """Keeps sessions in memory, for as long as the gateway runs."""

    timeout: Duration = Field(default="30 minutes")
    """How long a session lives after it was last used."""
    cookie: SessionCookie = SessionCookie.model_construct()
    """The cookie that names the session."""

    example: ClassVar = {
        "type": "InMemorySessionManager",
        "config": {"timeout": "1 hour", "cookie": {"name": "GW", "secure": True, "sameSite": "LAX"}},
    }

    _sessions: _Sessions = PrivateAttr(default_factory=_Sessions)
    _key: tuple[str, ...] = PrivateAttr(default=())
    _clock: Callable[[], float] = PrivateAttr(default=time.monotonic)
    _between: WorkerSessions | None = PrivateAttr(default=None)
    """Keeps the sessions instead, where several worker processes serve."""

    def verify(self) -> Iterator[tuple[str, str, str]]:
        yield from self.cookie.problems()
        if self.timeout <= 0:
            yield "timeout", "the timeout of a session is longer than nothing", 'write a duration such as "30 minutes"'

    def prepare(self, heap: Heap) -> None:
        self._key = (heap.name, self.object_name, self.cookie.name, self.cookie.domain or "", self.cookie.path)
        if getattr(heap.host, "shared_directory", None) is not None:
            from gateway.session.between_workers import WorkerSessions

            self._between = WorkerSessions(heap.host.shared_directory, heap.host.shared_key, self._key)

    def check(self, name: str, value: Any) -> None:
        if self._between is not None:
            check_json(name, value)

    async def start(self) -> None:
        self._sessions = _SHARED.setdefault(self._key, _Sessions())
        self._sessions.users += 1

    async def stop(self) -> None:
        self._sessions.users -= 1
        if self._sessions.users == 0 and _SHARED.get(self._key) is self._sessions:
            del _SHARED[self._key]

    async def read(self, session: Session, cookies: list[str]) -> Values:
        for cookie in parse_cookies(cookies).get(self.cookie.name) or ():  # type: ignore[attr-defined]
            if self._between is not None:
                content = self._between.find(cookie.value or "", self.timeout)
                if content is not None:
                    session.handle, session.stored = cookie.value, content
                    return json.loads(content)  # type: ignore[no-any-return]
                continue
            kept = self._sessions.find(cookie.value or "", self._clock(), self.timeout)
            if kept is not None:
                session.handle = cookie.value
                return kept.values
        return {}

    async def save(self, context: Context, request: Request, response: Response) -> None:
        session = self.own(context)
        if session is None or (session.handle is None and not session):
            return
        if session.handle is None:
            session.handle = secrets.token_urlsafe(ID_BYTES)
            response.headers.add("Set-Cookie", self.cookie.line(session.handle))
            if self._between is None:
                self._sessions.keep(session.handle, session.values_now, self._clock(), self.timeout)
        if self._between is not None:
            self._share(session, self._between)

    def _share(self, session: Session, between: WorkerSessions) -> None:
        for name, value in session.items():
            check_json(name, value)
        if session.stored is None or dump(session.values_now) != session.stored:
            session.stored = between.keep(session.handle, session.stored or b"{}", session.values_now, self.timeout)
