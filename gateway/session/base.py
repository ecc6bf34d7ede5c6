"""Sessions: the map that expressions and filters see, and what keeps it between requests.

A session is loaded when it is first read and stored only when it was changed, so that a route that has no use for it
pays nothing. Follows the documented objects Session, InMemorySessionManager and JwtSessionManager.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any, ClassVar

from config.declaration import HeapObject
from expr.host import HostType
from expr.types import ANY, BOOLEAN, STRING, STRINGS
from gateway.http.context import Context, ExchangeContext, SessionContext

if TYPE_CHECKING:
    from gateway.handlers.base import Next
    from gateway.http.message import Request, Response

Values = dict[str, Any]


class SessionNotLoaded(RuntimeError):
    """A programming error: a session was used before `await session.load()`."""


class Session(MutableMapping[str, Any]):
    """The session of one exchange; a null value or a removal deletes an entry.

    `await load()` comes before everything else; expressions that read the session do it by themselves.
    """

    __slots__ = ("_cookies", "_values", "handle", "manager", "stored")

    def __init__(self, manager: SessionManager, cookies: list[str]) -> None:
        self.manager = manager
        self._cookies = cookies
        self._values: Values | None = None
        self.handle: Any = None
        """What the manager needs to find the session again; None for one that is not kept anywhere yet."""
        self.stored: Any = None
        """What the manager compares with to know whether anything changed."""

    async def load(self) -> Session:
        """Make the content readable; the first call reads it, later ones do nothing."""
        if self._values is None:
            self._values = await self.manager.read(self, self._cookies)
        return self

    @property
    def loaded(self) -> bool:
        return self._values is not None

    @property
    def values_now(self) -> Values:
        """The content itself, for its manager."""
        if self._values is None:
            raise SessionNotLoaded("the session is not loaded: await context.session.load() first")
        return self._values

    def __getitem__(self, name: str) -> Any:
        return self.values_now[name]

    def __setitem__(self, name: str, value: Any) -> None:
        if value is None:
            self.values_now.pop(name, None)
        else:
            self.manager.check(name, value)
            self.values_now[name] = value

    def __delitem__(self, name: str) -> None:
        del self.values_now[name]

    def __iter__(self) -> Iterator[str]:
        return iter(list(self.values_now))

    def __len__(self) -> int:
        return len(self.values_now)

    def __repr__(self) -> str:
        return f"<Session {'loaded' if self.loaded else 'not loaded'}>"

    published: ClassVar[HostType]


def _put(session: Session, name: str, value: Any) -> Any:
    before = session.get(name)
    session[name] = value
    return before


Session.published = HostType(
    "Session",
    item=lambda session, name: session.get(name),
    set_item=lambda session, name, value: session.__setitem__(name, value),
    keys=lambda session: session.keys(),
    methods={
        "get": ((STRING,), ANY, lambda session, name: session.get(name)),
        "put": ((STRING, ANY), ANY, _put),
        "remove": ((STRING,), ANY, lambda session, name: session.pop(name, None)),
        "containsKey": ((STRING,), BOOLEAN, lambda session, name: name in session),
        "keySet": ((), STRINGS, list),
        "isEmpty": ((), BOOLEAN, lambda session: not session),
        "clear": ((), ANY, lambda session: session.clear()),
    },
)


class SessionManager(HeapObject):
    """Keeps the sessions of clients between their requests."""

    def begin(self, cookies: list[str]) -> Session:
        """The session of a request with these lines of cookies, which reads its content when it is first asked to."""
        return Session(self, cookies)

    @abstractmethod
    async def read(self, session: Session, cookies: list[str]) -> Values:
        """The content of a session as it is kept, by the lines of the request's field Cookie."""

    @abstractmethod
    async def save(self, context: Context, request: Request, response: Response) -> None:
        """Keep what changed in the session of a context, and tell the client by cookies of the response."""

    def check(self, name: str, value: Any) -> None:
        """Refuse, with a ValueError, a value that cannot be kept."""

    async def around(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002 - the term
        """Answer a request with what `next` answers, with a session of this manager in force.

        The session of the exchange itself is kept by the server, one that a route puts in front of it here.
        """
        if not isinstance(context, ExchangeContext):
            inner = SessionContext(context, self.begin(request.headers.all("Cookie")))
            response = await next(inner, request)
            await self.save(inner, request, response)
            return response
        context.begin_session(self)
        return await next(context, request)

    def own(self, context: Context) -> Session | None:
        """The session in force in a context, when it was loaded and is one of this manager."""
        session = context.session
        return session if isinstance(session, Session) and session.manager is self and session.loaded else None


def check_json(name: str, value: Any) -> None:
    """Refuse what JSON cannot represent: the rule of managers that write sessions down."""
    if not _representable(value, 0):
        kind = type(value).__name__
        raise ValueError(f"the session entry '{name[:80]}' cannot be kept: it holds a {kind} that is no JSON value")


def _representable(value: Any, depth: int) -> bool:
    if value is None or isinstance(value, str | bool | int):
        return True
    if isinstance(value, float):
        return value == value and abs(value) != float("inf")  # noqa: PLR0124 - NaN differs from itself
    if depth > 50:
        return False
    if isinstance(value, dict):
        return all(isinstance(key, str) and _representable(item, depth + 1) for key, item in value.items())
    return isinstance(value, list | tuple) and all(_representable(item, depth + 1) for item in value)


def dump(values: Values) -> bytes:
    """The content as JSON, the same for the same content."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode()
