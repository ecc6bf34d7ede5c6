"""Body of a message: bytes, a spooled file or a stream that nobody has read yet.

A stream is buffered only when something asks for its content, and reading never consumes what later filters and
handlers see. Follows the documented object Entity.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Final, Protocol

from expr.host import HostType, Property
from expr.scope import implicit
from expr.types import ANY, BOOLEAN, BYTES, STRING
from expr.values import parse_json
from gateway.errors import EntityConsumed, EntityTooLarge
from gateway.http.content import charset_of, decode, dump_json, media_type
from gateway.http.form import Form
from gateway.http.headers import Headers
from gateway.http.storage import Spool, Storage

Content = bytes
"""Bytes, where the property of that name would hide them."""

_DEFAULT_STORAGE: Final = Storage()
IGNORE_FORM_ERRORS: Final = "org.forgerock.http.util.ignoreFormParamDecodingError"
"""System property: a form field that cannot be decoded is passed over instead of being an error."""
FORM_TYPE: Final = "application/x-www-form-urlencoded"
_JSON_TYPE: Final = "application/json; charset=UTF-8"


class Body(Protocol):
    """A body on its way: an asynchronous iterator that says what length was announced and can be given up.

    `close` may be called more than once, and behind the end of the body; then it does nothing.
    """

    length: int | None

    def __aiter__(self) -> AsyncIterator[Content]: ...

    def close(self) -> None: ...


Source = Content | Spool | Body


class _Gone:
    """Stands for a stream that was passed on."""


_GONE: Final = _Gone()
_HELD: Final = (bytes, Spool)
"""Content that is here; as a union it would be made anew for each question."""
_NOTHING_TO_CLOSE: Final = (bytes, _Gone)


class Entity:
    """Content of one message, bound to the headers that describe it."""

    __slots__ = ("_body", "_decoded", "_headers", "storage")

    def __init__(self, headers: Headers, body: Source = b"", storage: Storage = _DEFAULT_STORAGE) -> None:
        self._headers = headers
        self._body: Source | _Gone = body
        self._decoded: Content | None = None
        self.storage = storage

    # -- what is there

    def limit(self, storage: Storage) -> bool:
        """Set the limits on what is buffered from here on; true when content is still on its way."""
        self.storage = storage
        return not isinstance(self._body, _HELD)

    @property
    def buffered(self) -> bool:
        """Whether the whole content is held here, so that reading it needs no waiting."""
        return isinstance(self._body, _HELD)

    @property
    def length(self) -> int | None:
        """Length of the raw content, None while it is not known."""
        body = self._body
        if isinstance(body, bytes):
            return len(body)
        if isinstance(body, Spool):
            return body.size
        return None if isinstance(body, _Gone) else body.length

    def in_memory(self) -> Content | None:
        """The raw content when it is in memory, so that it can be sent with the head."""
        body = self._body
        return body if isinstance(body, bytes) else None

    def check(self) -> None:
        """EntityConsumed when the content was passed on already and so cannot be sent."""
        if isinstance(self._body, _Gone):
            raise EntityConsumed("the body was passed on as a stream")

    @property
    def empty(self) -> bool:
        """Whether the raw content is known to be empty."""
        return self.length == 0

    @property
    def decoded_empty(self) -> bool:
        return self.empty or not self.bytes

    # -- reading

    async def buffer(self) -> None:
        """Hold the whole content here; EntityTooLarge when it does not fit the storage."""
        body = self._body
        if isinstance(body, _HELD):
            return
        if isinstance(body, _Gone):
            raise EntityConsumed("the body was passed on as a stream")
        self._body = _GONE
        try:
            if body.length is not None and body.length > self.storage.limit:
                raise self.storage.too_large()
            self._body = await self.storage.collect(aiter(body))
        except BaseException:
            body.close()  # nobody reads the rest, and a connection may hang on it
            raise

    async def read(self) -> Content:
        """The content, buffered first and with its Content-Encoding undone."""
        if not self.buffered:
            await self.buffer()
        return self.bytes

    async def read_raw(self) -> Content:
        """The content as it is sent, buffered first."""
        if not self.buffered:
            await self.buffer()
        return self.raw

    async def stream(self) -> AsyncGenerator[Content, None]:
        """The raw content in pieces; what was not buffered before can be read only this once."""
        body = self._body
        if isinstance(body, bytes):
            if body:
                yield body
            return
        if isinstance(body, _Gone):
            raise EntityConsumed("the body was passed on as a stream")
        if isinstance(body, Spool):
            async for piece in body.stream():
                yield piece
            return
        self._body = _GONE
        try:
            async for piece in body:
                yield piece
        finally:
            body.close()

    def take(self) -> Body | None:
        """Take the stream out of a message that passes it on unread; None when the content is buffered."""
        body = self._body
        if isinstance(body, _HELD):
            return None
        if isinstance(body, _Gone):
            raise EntityConsumed("the body was passed on as a stream")
        self._body = _GONE
        return body

    @property
    def raw(self) -> Content:
        """The buffered content as it is sent."""
        body = self._body
        if isinstance(body, bytes):
            return body
        if isinstance(body, Spool):
            return body.read()
        raise EntityConsumed("the body is a stream and was not buffered")

    @property
    def bytes(self) -> Content:
        """The buffered content with its Content-Encoding undone."""
        encoding = self._headers.first("Content-Encoding")
        if encoding is None:
            return self.raw
        if self._decoded is None:
            try:
                codings = ",".join(self._headers.all("Content-Encoding"))
                self._decoded = decode(self.raw, codings, self.storage.limit)
            except EntityTooLarge as error:
                raise self.storage.too_large() from error
        return self._decoded

    @bytes.setter  # noqa: A003
    def bytes(self, value: Content | None) -> None:
        content = value or b""
        self.close()
        self._body, self._decoded = content, None
        self._headers.remove("Transfer-Encoding")
        self._headers.assign("Content-Length", str(len(content)))

    @property
    def string(self) -> str:
        """The buffered content as text, in the charset of Content-Type or ISO-8859-1."""
        return self.bytes.decode(self._charset(), "replace")

    @string.setter
    def string(self, value: str | None) -> None:
        self.bytes = (value or "").encode(self._charset(), "replace")

    @property
    def json(self) -> Any:
        """The buffered content as JSON, parsed anew; None for an empty body, ValueError for text that is no JSON."""
        content = self.bytes
        return parse_json(content.decode("utf-8-sig")) if content else None

    @json.setter
    def json(self, value: Any) -> None:
        content = dump_json(value)
        self._headers.assign("Content-Type", _JSON_TYPE)
        self.bytes = content

    @property
    def form(self) -> Form:
        """The buffered content as form fields; an empty form for other content types."""
        if media_type(self._headers.first("Content-Type") or "") != FORM_TYPE:
            return Form()
        text = self.string
        try:
            return Form.from_body(text)
        except ValueError:
            if str(implicit.system.get(IGNORE_FORM_ERRORS, "")).lower() != "true":
                raise
            return Form.from_body(text, ignore_errors=True)

    @form.setter
    def form(self, value: Form) -> None:
        self._headers.assign("Content-Type", FORM_TYPE)
        self.bytes = value.to_form_string().encode()

    # -- writing as a whole

    def set(self, value: Any) -> None:
        """Replace the content by a string, bytes, a form or a JSON value, each as its own property does."""
        if isinstance(value, str):
            self.string = value
        elif isinstance(value, bytes | bytearray):
            self.bytes = bytes(value)
        elif isinstance(value, Form):
            self.form = value
        else:
            self.json = value

    def put(self, part: str, value: Any) -> None:
        """Write a property for an expression; ValueError for a value that it does not take."""
        kinds = {"string": str | None, "bytes": bytes | None, "form": dict}
        if part in kinds and not isinstance(value, kinds[part]):
            raise ValueError(f"{part} of an entity does not take this kind of value")
        if part == "form":
            value = Form(value)
        setattr(self, part, value)

    def set_raw(self, body: Source) -> None:
        """Replace the raw content and leave every header alone."""
        self.close()
        self._body, self._decoded = body, None

    def close(self) -> None:
        """Give up what is held: a file, or a stream of which nobody wants the rest."""
        body = self._body
        self._body = b""
        if not isinstance(body, _NOTHING_TO_CLOSE):
            body.close()

    def _charset(self) -> str:
        return charset_of(self._headers.first("Content-Type"))

    def __str__(self) -> str:
        return self.string

    def __repr__(self) -> str:
        return f"<Entity {self.length} bytes>" if self.length is not None else "<Entity of unknown length>"

    published = HostType(
        "Entity",
        text=lambda entity: entity.string,
        properties={
            "string": Property(STRING, "string", lambda entity, value: entity.put("string", value), reads="entity"),
            "json": Property(ANY, "json", lambda entity, value: entity.put("json", value), reads="entity"),
            "bytes": Property(BYTES, "bytes", lambda entity, value: entity.put("bytes", value), reads="entity"),
            "form": Property(Form.published, "form", lambda entity, value: entity.put("form", value), reads="entity"),
            "rawContentEmpty": Property(BOOLEAN, "empty", reads="entity"),
            "decodedContentEmpty": Property(BOOLEAN, "decoded_empty", reads="entity"),
        },
    )
