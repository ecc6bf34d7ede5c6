"""Contexts of an exchange: a chain from the innermost to the root, which holds what every request has.

The root makes its documented contexts only when something looks for them, because most requests need none. Follows the
documented contexts; what each shows to expressions is in `published.py`.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from time import perf_counter, time
from typing import Any, ClassVar, Final, Protocol

from expr.host import HostType
from gateway.http.connection import Connection
from gateway.http.ids import TransactionId, new_id, trusted_transaction_id
from gateway.http.message import Request, Response
from gateway.http.published import ALIASES, BASE, CONTEXTS, attribute_of
from gateway.http.uri import FixedUri, Uri


class Sessions(Protocol):
    """What makes the session of an exchange, and keeps it: a session manager."""

    def begin(self, cookies: list[str]) -> MutableMapping[str, Any]:
        """The session of a request with these lines of cookies."""

    async def save(self, context: Context, request: Request, response: Response) -> None:
        """Keep what changed, and tell the client by cookies of the response."""


class Context:
    """A link of the chain."""

    __slots__ = ("_root", "parent")

    name: ClassVar[str] = ""
    published: ClassVar[HostType] = BASE

    parent: Context | None

    @property
    def root(self) -> ExchangeContext:
        """The last link of the chain."""
        return self._root

    @root.setter
    def root(self, root: ExchangeContext) -> None:
        self._root = root

    def find(self, name: str) -> Context | None:
        """The innermost context of a name, this one included."""
        node: Context = self
        while node.name != name:
            parent = node.parent
            if parent is None:
                return node.find(name) if node is not self else None
            node = parent
        return node

    @property
    def contexts(self) -> Contexts:
        """The map of contexts as it is seen from here."""
        return Contexts(self)

    @property
    def session(self) -> MutableMapping[str, Any]:
        """The session in force here: that of the innermost session context."""
        node: Context = self
        while (parent := node.parent) is not None:
            if node.name == "session":
                return node.values if isinstance(node, SessionContext) else self.root.session
            node = parent
        return node.session

    def __repr__(self) -> str:
        return f"<Context {self.name}>"


class InnerContext(Context):
    """What a filter gives to what is behind it, in front of the contexts that were there.

    A documented context is a subclass in one line: `class SsoTokenContext(InnerContext, name="ssoToken"): "..."`; its
    values are the keyword arguments of the constructor, in snake_case, and the ones not given are None. An undocumented
    context declares its own `published`.
    """

    fields: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, *, name: str | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if name is not None:
            cls.name = name
            table = CONTEXTS.get(name)
            if table is not None and "published" not in cls.__dict__:
                cls.published = table
            if table is not None:
                cls.fields = tuple(dict.fromkeys(attribute_of(part) for part in table.documented))

    def __init__(self, parent: Context, **values: Any) -> None:
        self.parent = parent
        self.root = parent.root
        for field in self.fields:
            setattr(self, field, values.pop(field, None))
        if values:
            raise TypeError(f"context {self.name} has no {', '.join(values)}")


class AttributesContext(InnerContext, name="attributes"):
    """Free attributes of the request."""

    __slots__ = ()

    def __init__(self, parent: Context) -> None:
        self.parent, self.root = parent, parent.root

    @property
    def attributes(self) -> dict[str, Any]:
        return self.root.attributes


class SessionContext(InnerContext, name="session"):
    """The session of the client; a route with a session manager of its own puts another one in front."""

    __slots__ = ("values",)

    def __init__(self, parent: Context, values: MutableMapping[str, Any]) -> None:
        self.parent, self.root, self.values = parent, parent.root, values

    @property
    def session(self) -> MutableMapping[str, Any]:
        return self.values


class ClientContext(InnerContext, name="client"):
    """The connection of the client to the gateway."""

    __slots__ = ("connection",)

    def __init__(self, parent: Context, connection: Connection) -> None:
        self.parent, self.root, self.connection = parent, parent.root, connection

    external = is_external = property(lambda self: self.connection.external)
    secure = is_secure = property(lambda self: self.connection.secure)
    local_address = property(lambda self: self.connection.local_address)
    local_port = property(lambda self: self.connection.local_port)
    remote_address = property(lambda self: self.connection.remote_address)
    remote_port = property(lambda self: self.connection.remote_port)
    remote_user = property(lambda self: None)
    user_agent = property(lambda self: self.root.user_agent)
    certificates = property(lambda self: self.connection.certificates)


class RequestAuditContext(InnerContext, name="requestAudit"):
    """Times of the request for auditing."""

    __slots__ = ("user_id",)

    def __init__(self, parent: Context) -> None:
        self.parent, self.root = parent, parent.root
        self.user_id: str | None = None
        """Who made the request; a filter or script says so."""

    @property
    def request_received_time(self) -> int:
        return int(self.root.received_at * 1000)


class AccessAuditExtensionContext(InnerContext, name="accessAuditExtension"):
    """Extra fields for the access audit event of the request."""

    __slots__ = ("extensions",)

    def __init__(self, parent: Context) -> None:
        self.parent, self.root = parent, parent.root
        self.extensions: dict[str, Any] = {}


class TransactionIdContext(InnerContext, name="transactionId"):
    """Transaction id for auditing across products."""

    __slots__ = ()

    def __init__(self, parent: Context) -> None:
        self.parent, self.root = parent, parent.root

    @property
    def transaction_id(self) -> TransactionId:
        return self.root.transaction


class RouterContext(InnerContext, name="router"):
    """URIs of the request in the routing; each router inside puts another one in front."""

    __slots__ = ("base_uri", "matched_uri", "remaining_uri", "uri_template_variables")

    def __init__(
        self,
        parent: Context,
        matched_uri: str = "",
        remaining_uri: str = "",
        base_uri: str = "",
        variables: dict[str, str] | None = None,
    ) -> None:
        self.parent, self.root = parent, parent.root
        self.matched_uri, self.remaining_uri, self.base_uri = matched_uri, remaining_uri, base_uri
        self.uri_template_variables = {} if variables is None else variables

    @property
    def original_uri(self) -> FixedUri:
        return self.root.original_uri


class ExchangeContext(Context):
    """The root of the chain, one for each exchange: made by the server, and cheap while nobody asks it anything."""

    name = "root"
    published = CONTEXTS["root"]

    __slots__ = (
        "_attributes",
        "_made",
        "_original",
        "_received_at",
        "_request",
        "_session",
        "_sessions",
        "_transaction",
        "_watchers",
        "arrived",
        "connection",
        "disconnected",
        "received",
        "route",
        "route_name",
        "started",
    )

    def __init__(self, connection: Connection, request: Request) -> None:
        self.parent = None
        self.connection = connection
        self.started = perf_counter()
        """When the head of the request was there, in the time of `perf_counter`.

        The time of the loop stands still while one of its callbacks runs, which is most of a small exchange.
        """
        self.route: Any = None
        """The route that was entered last."""
        self.route_name: str | None = None
        self.received: Any = None
        """What audit keeps of the request as it came, where somebody audits."""
        self.disconnected = False
        self.arrived = request.headers.copy()
        """The header fields that the client sent, whatever became of those of the request."""
        self._request = request
        self._original = request.uri.fixed()
        self._session: MutableMapping[str, Any] | None = None
        self._sessions: Sessions | None = None
        self._transaction: TransactionId | None = None
        self._made: dict[str, Context] | None = None
        self._attributes: dict[str, Any] | None = None
        self._received_at: float | None = None
        self._watchers: list[Callable[[], None]] | None = None

    @property
    def root(self) -> ExchangeContext:
        """Itself; kept in an attribute it would be a cycle, and every exchange work for the garbage collector."""
        return self

    @property
    def received_at(self) -> float:
        """When the request came, in seconds since 1970."""
        found = self._received_at
        if found is None:
            found = self._received_at = time() - (perf_counter() - self.started)
        return found

    @property
    def attributes(self) -> dict[str, Any]:
        found = self._attributes
        if found is None:
            found = self._attributes = {}
        return found

    def find(self, name: str) -> Context | None:
        """One of the contexts that every request has."""
        if name == "root":
            return self
        made = self._made
        found = made.get(name) if made is not None else None
        if found is None:
            maker = _EVERY_REQUEST.get(name)
            if maker is None:
                return None
            found = maker(self)
            if name in _WITH_STATE:
                if made is None:
                    made = self._made = {}
                made[name] = found
        return found

    def on_disconnect(self, callback: Callable[[], None]) -> None:
        """Have a function called when the client goes away before its response is sent; at once when it is gone."""
        if self.disconnected:
            callback()
        elif self._watchers is None:
            self._watchers = [callback]
        else:
            self._watchers.append(callback)

    def disconnect(self) -> None:
        """The client is gone: nothing is cancelled but what asked for it."""
        self.disconnected = True
        watchers, self._watchers = self._watchers, None
        for callback in watchers or ():
            callback()

    @property
    def user_agent(self) -> str | None:
        return self.arrived.first("User-Agent")

    @property
    def id(self) -> str:
        """Unique id of the exchange, that of its transaction before anybody outside had a say in it."""
        return self.transaction.local

    @property
    def transaction(self) -> TransactionId:
        found = self._transaction
        if found is None:
            found = self._transaction = TransactionId(new_id(), trusted_transaction_id(self._request.headers))
        return found

    @property
    def transaction_id(self) -> str:
        return self.transaction.value

    @property
    def original_uri(self) -> FixedUri:
        """The URI that the client asked for, whatever became of `request.uri`."""
        return self._original

    @original_uri.setter
    def original_uri(self, uri: Uri) -> None:
        """Another server stands in front of the gateway, and this is what the client asked it for."""
        self._original = uri.fixed()

    @property
    def session(self) -> MutableMapping[str, Any]:
        """The session of the outermost manager; a plain map that nobody stores while there is none."""
        session = self._session
        if session is None:
            sessions = self._sessions
            session = self._session = {} if sessions is None else sessions.begin(self.arrived.all("Cookie"))
        return session

    @session.setter
    def session(self, values: MutableMapping[str, Any]) -> None:
        self._session = values

    def begin_session(self, sessions: Sessions) -> None:
        """Have a session made when somebody looks for it; the server keeps it, with `keep_session`."""
        self._session = None
        self._sessions = sessions

    async def keep_session(self, request: Request, response: Response) -> None:
        """Keep what changed in the session that somebody looked for, and tell the client by the response."""
        if self._sessions is not None:
            await self._sessions.save(self, request, response)

    def has_session(self) -> bool:
        """Whether somebody has looked for the session."""
        return self._session is not None

    @property
    def client(self) -> ClientContext:
        found = self.find("client")
        assert isinstance(found, ClientContext)
        return found

    @property
    def router(self) -> RouterContext:
        """The outermost router context: nothing matched yet."""
        found = self.find("router")
        assert isinstance(found, RouterContext)
        return found

    @property
    def audit_extensions(self) -> dict[str, Any]:
        """What goes to the access audit event under `ig.ext`."""
        found = self.find("accessAuditExtension")
        assert isinstance(found, AccessAuditExtensionContext)
        return found.extensions


_EVERY_REQUEST: dict[str, Callable[[ExchangeContext], Context]] = {
    "attributes": AttributesContext,
    "client": lambda root: ClientContext(root, root.connection),
    "requestAudit": RequestAuditContext,
    "accessAuditExtension": AccessAuditExtensionContext,
    "session": lambda root: SessionContext(root, root.session),
    "transactionId": TransactionIdContext,
    "router": lambda root: RouterContext(root, remaining_uri=root.original_uri.path.removeprefix("/")),
}

_WITH_STATE = frozenset({"requestAudit", "accessAuditExtension", "router"})
"""Contexts that hold something of their own. The others are made each time: one that is kept makes a cycle."""


def _lookup(name: str) -> Callable[[Any], Context | None]:
    return lambda contexts: contexts.find(name)


_PUBLISHED: Final = HostType(
    "contexts",
    properties={
        name: (CONTEXTS[accessor], _lookup(accessor))
        for name, accessor in (*((name, name) for name in CONTEXTS), *ALIASES.items())
    },
    item=lambda contexts, name: contexts.get(name),
    keys=lambda contexts: contexts.keys(),
    open=True,
)


class Contexts:
    """The map `contexts`: each name leads to the innermost context of that name."""

    __slots__ = ("_innermost",)

    def __init__(self, innermost: Context) -> None:
        self._innermost = innermost

    def get(self, name: object) -> Context | None:
        return self.find(ALIASES.get(name, name)) if isinstance(name, str) else None

    def find(self, name: str) -> Context | None:
        return self._innermost.find(name)

    def keys(self) -> list[str]:
        """Names from the innermost to the root, then those of every request."""
        names: dict[str, None] = {}
        node: Context | None = self._innermost
        while node is not None:
            names[node.name] = None
            node = node.parent
        return [*names, *(name for name in _EVERY_REQUEST if name not in names)]

    published = _PUBLISHED
