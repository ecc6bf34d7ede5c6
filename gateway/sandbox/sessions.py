"""AM sessions: who is logged in, until when, and who hears of their end. All realms share one store, as in AM."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from gateway.sandbox.settings import Session as SessionLimits
from gateway.sandbox.tokens import Clock

Listener = Callable[["Session", str], None]


@dataclass(eq=False)
class Session:
    """A session of a user or an agent; times are seconds since the epoch."""

    token: str
    username: str
    realm: str
    is_agent: bool
    limits: SessionLimits
    started: float
    latest_access: float
    uid: str = field(default_factory=lambda: f"{uuid.uuid4()}-{secrets.randbelow(100000)}")
    properties: dict[str, str] = field(default_factory=dict)

    @property
    def handle(self) -> str:
        """Names the session to administrators without being usable as a session."""
        return f"shandle:{self.uid}"

    @property
    def idle_end(self) -> float:
        return self.latest_access + 60 * self.limits.maximum_idle_time

    @property
    def end(self) -> float:
        return self.started + 60 * self.limits.maximum_session_time

    @property
    def universal_id(self) -> str:
        kind = "agentonly" if self.is_agent else "user"
        return universal_id(self.username, self.realm, kind)

    def info(self) -> dict[str, Any]:
        """The answer of getSessionInfo."""
        return {
            "username": self.username,
            "universalId": self.universal_id,
            "realm": self.realm,
            "latestAccessTime": _instant(self.latest_access),
            "maxIdleExpirationTime": _instant(self.idle_end),
            "maxSessionExpirationTime": _instant(self.end),
            "properties": {"AMCtxId": self.uid, **self.properties},
        }


def universal_id(name: str, realm: str, kind: str = "user") -> str:
    """AM's name for an identity across realms."""
    parts = [f"o={part}" for part in reversed(realm.strip("/").split("/")) if part]
    services = ["ou=services"] if parts else []
    return ",".join([f"id={name}", f"ou={kind}", *parts, *services, "dc=openam", "dc=forgerock", "dc=org"])


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class SessionStore:
    """All sessions; `listener` is told of every change with AM's name of it."""

    def __init__(self, clock: Clock, listener: Listener) -> None:
        self._clock = clock
        self._listener = listener
        self._sessions: dict[str, Session] = {}

    def create(self, username: str, realm: str, limits: SessionLimits, is_agent: bool = False) -> Session:
        """Log someone in."""
        self._sweep()
        now = self._clock()
        token = f"AQIC5w{secrets.token_urlsafe(45)}.*AAJTSQACMDEAAlNLABM{secrets.randbelow(10**18)}*"
        session = Session(token, username, realm, is_agent, limits, now, now)
        self._sessions[token] = session
        self._listener(session, "SESSION_CREATION")
        return session

    def find(self, token: str | None) -> Session | None:
        """The session of a token, None when it is unknown or over."""
        session = self._sessions.get(token or "")
        if session is None:
            return None
        ended = self._ended(session)
        if ended:
            self.end(session, ended)
            return None
        return session

    def touch(self, session: Session) -> None:
        """Reset the idle time."""
        session.latest_access = self._clock()

    def end(self, session: Session, event: str = "LOGOUT") -> None:
        """Forget a session and tell the listeners."""
        if self._sessions.pop(session.token, None):
            self._listener(session, event)

    def update(self, session: Session, properties: dict[str, str]) -> None:
        """Set properties of a session and tell the listeners."""
        session.properties.update(properties)
        self._listener(session, "PROPERTY_CHANGED")

    def of_user(self, username: str, realm: str) -> list[Session]:
        """Sessions of a user that are not over."""
        self._sweep()
        return [s for s in self._sessions.values() if s.username == username and s.realm == realm and not s.is_agent]

    def end_by_handle(self, handle: str) -> bool:
        """End the session that a handle names; whether there was one."""
        self._sweep()
        for session in list(self._sessions.values()):
            if session.handle == handle:
                self.end(session, "DESTROY")
                return True
        return False

    def times(self, session: Session) -> dict[str, Any]:
        """The answer of refresh: minutes for the limits, seconds for what is used and left of them."""
        now = self._clock()
        return {
            "uid": session.username,
            "realm": session.realm,
            "idletime": int(now - session.latest_access),
            "maxidletime": session.limits.maximum_idle_time,
            "maxsessiontime": session.limits.maximum_session_time,
            "maxtime": int(session.end - now),
        }

    def _ended(self, session: Session) -> str | None:
        now = self._clock()
        return "MAX_TIMEOUT" if now >= session.end else "IDLE_TIMEOUT" if now >= session.idle_end else None

    def _sweep(self) -> None:
        for session, event in list(self._over()):
            self.end(session, event)

    def _over(self) -> Iterator[tuple[Session, str]]:
        for session in self._sessions.values():
            if event := self._ended(session):
                yield session, event
