"""Request and response: what filters and handlers pass along, and what expressions call `request` and `response`.

Follows the documented objects Request and Response. Entity, trailers and cookies come into being when they are read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from expr.host import HostType, Property
from expr.types import ANY, STRING
from gateway.http.cookies import Cookies, parse_cookies
from gateway.http.entity import Entity, Source
from gateway.http.form import Form
from gateway.http.headers import Headers
from gateway.http.status import Status
from gateway.http.uri import Uri, as_uri

Upgrade = Callable[[Any], Awaitable[None]]
"""What takes over a connection after a 101 response: called with a `gateway.server.duplex.Duplex`."""


def _set_text(attribute: str) -> Callable[[Message, Any], None]:
    def write(message: Message, value: Any) -> None:
        if not isinstance(value, str):
            raise ValueError("a string is wanted")
        setattr(message, attribute, value)

    return write


def _set_method(request: Request, value: Any) -> None:
    # A blank or a line end in the method would begin a request line of its own upstream.
    if not isinstance(value, str) or not value.isascii() or not value.replace("-", "A").replace("_", "A").isalnum():
        raise ValueError("not a request method")
    request.method = value


def _set_uri(request: Request, value: Any) -> None:
    request.uri = as_uri(value).copy() if isinstance(value, Uri) else as_uri(value)


def _set_status(response: Response, value: Any) -> None:
    if not isinstance(value, Status):
        raise ValueError("a Status is wanted")
    response.status = value


def _set_cause(response: Response, value: Any) -> None:
    if value is not None and not isinstance(value, BaseException):
        raise ValueError("an exception is wanted")
    response.cause = value


_COMMON = {
    "version": Property(STRING, "version", _set_text("version")),
    "headers": Property(Headers.published, "headers", reads="headers"),
    "trailers": Property(Headers.published, "trailers"),
    # The object itself holds no content yet: only its properties and its text read it.
    "entity": Property(Entity.published, "entity", lambda message, value: message.entity.set(value), reads="entity"),
}


class Message:
    """What requests and responses have in common."""

    __slots__ = ("_entity", "_trailers", "headers", "version")

    headers: Headers
    version: str

    def __init__(self, headers: Headers | None, entity: Entity | Source | None, version: str) -> None:
        self.headers = Headers() if headers is None else headers
        self.version = version
        self._trailers: Headers | None = None
        self._entity: Entity | None = None
        if entity is not None:
            self._bind(entity)

    def _bind(self, entity: Entity | Source) -> None:
        if isinstance(entity, Entity):
            entity._headers = self.headers
            self._entity = entity
        else:
            self._entity = Entity(self.headers, entity)

    @property
    def entity(self) -> Entity:
        entity = self._entity
        if entity is None:
            entity = self._entity = Entity(self.headers)
        return entity

    @entity.setter
    def entity(self, value: Entity | Source) -> None:
        self._bind(value)

    def has_entity(self) -> bool:
        """Whether there is or may be content, without making an entity for a message that has none."""
        entity = self._entity
        return entity is not None and not entity.empty

    def in_memory(self) -> bytes | None:
        """The raw content when it is in memory, so that it can be sent with the head."""
        entity = self._entity
        return b"" if entity is None else entity.in_memory()

    @property
    def trailers(self) -> Headers:
        """Fields that came behind the entity; complete once the entity has been read."""
        if self._trailers is None:
            self._trailers = Headers()
        return self._trailers

    @property
    def has_trailers(self) -> bool:
        return self._trailers is not None and bool(self._trailers)

    def replace_headers(self, headers: Headers) -> None:
        """Exchange all headers at once, the entity's view of them included."""
        self.headers = headers
        if self._entity is not None:
            self._entity._headers = headers

    def _copy_content(self, other: Message) -> None:
        """Give another message the same buffered content, and trailers of its own."""
        if self._entity is not None:
            other._bind(self._entity.raw)
        if self._trailers is not None:
            other._trailers = self._trailers.copy()

    def close(self) -> None:
        """Release what the entity holds."""
        if self._entity is not None:
            self._entity.close()


class Request(Message):
    """A request; `uri` is where the next handler sends it."""

    __slots__ = ("method", "uri")

    uri: Uri

    def __init__(
        self,
        method: str,
        uri: Uri | str,
        headers: Headers | None = None,
        entity: Entity | Source | None = None,
        version: str = "HTTP/1.1",
    ) -> None:
        self.method = method
        self.uri = uri if isinstance(uri, Uri) else Uri(uri)
        self.headers = Headers() if headers is None else headers
        self.version = version
        self._trailers = None
        self._entity = None
        if entity is not None:
            self._bind(entity)

    @property
    def cookies(self) -> Cookies:
        """The cookies, parsed from the headers on each read."""
        return parse_cookies(self.headers.all("Cookie"))

    @property
    def query_params(self) -> Form:
        """Decoded parameters of the query; changing this copy does not change the URI."""
        return Form.from_query(self.uri.raw_query)

    @property
    def form(self) -> Form:
        """Query parameters followed by the form fields of the buffered entity (deprecated in configurations)."""
        form = self.query_params
        for name, value in self.entity.form.pairs():
            form.add(name, value)
        return form

    def copy(self) -> Request:
        """A request of its own with the same head and, when it is buffered, the same content."""
        other = Request(self.method, self.uri.copy(), self.headers.copy(), None, self.version)
        self._copy_content(other)
        return other

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.uri!r}>"

    published = HostType(
        "Request",
        properties={
            **_COMMON,
            "method": Property(STRING, "method", _set_method),
            "uri": Property(Uri.published, "uri", _set_uri),
            "cookies": Property(Cookies.published, "cookies", reads="cookies"),
            "queryParams": Property(Form.published, "query_params"),
            "form": Property(Form.published, "form", reads="entity", deprecated="use queryParams and entity.form"),
        },
    )


class Response(Message):
    """A response. With `upgrade` a 101 response hands the client's connection over to a tunnel."""

    __slots__ = ("cause", "status", "upgrade")

    status: Status

    def __init__(
        self,
        status: int | Status,
        headers: Headers | None = None,
        entity: Entity | Source | str | None = None,
        version: str = "HTTP/1.1",
    ) -> None:
        self.status = status if isinstance(status, Status) else Status.of(status)
        self.headers = Headers() if headers is None else headers
        self.version = version
        self.cause: BaseException | None = None
        self.upgrade: Upgrade | None = None
        self._trailers = None
        self._entity = None
        if isinstance(entity, str):
            self.entity.string = entity
        elif entity is not None:
            self._bind(entity)

    def copy(self) -> Response:
        """A response of its own with the same head and, when it is buffered, the same content."""
        other = Response(self.status, self.headers.copy(), None, self.version)
        self._copy_content(other)
        return other

    def __repr__(self) -> str:
        return f"<Response {self.status.code}>"

    published = HostType(
        "Response",
        properties={
            **_COMMON,
            "status": Property(Status.published, "status", _set_status),
            "cause": Property(ANY, "cause", _set_cause),
        },
    )
