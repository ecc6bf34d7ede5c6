"""The scope of `gatewright eval`: one JSON object that stands for an exchange, made into what expressions run on.

Contexts are given by their documented property names; a value becomes what its declared type says (a URI, claims, a
certificate), so the expression meets the same kinds of values as in a running gateway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from expr.functions.certificates import CERTIFICATE
from expr.host import HostType, resolve
from expr.instants import Instant
from expr.scope import Environment
from expr.types import INSTANT, ListType, Type
from expr.values import as_json
from gateway.errors import ExchangeError
from gateway.http.claims import Claims
from gateway.http.connection import INTERNAL
from gateway.http.content import dump_json
from gateway.http.context import Context, ExchangeContext, InnerContext
from gateway.http.entity import Entity
from gateway.http.form import Form
from gateway.http.headers import Headers
from gateway.http.ids import TransactionId
from gateway.http.message import Request, Response
from gateway.http.published import (
    ALIASES,
    BASE,
    CLAIMS,
    CONTEXTS,
    EXCEPTION,
    TRANSACTION_ID,
    URI,
    attribute_of,
)
from gateway.http.uri import FixedUri, Uri

_KEYS: Final = frozenset({"request", "response", "attributes", "session", "contexts", "properties", "env", "system"})


@dataclass
class Scope:
    """What a scope holds: arguments for expressions, heap properties, and maps for `env` and `system` when given."""

    context: Context
    request: Request | None = None
    response: Response | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    env: Mapping[str, str] | None = None
    system: Mapping[str, str] | None = None

    def arguments(self, environment: Environment) -> tuple[Any, ...]:
        """The arguments of an expression compiled in an environment, in the order of its parameters."""
        return tuple(getattr(self, name, None) for name in environment.parameters)


def scope_from_json(data: Any) -> Scope:
    """Read a scope; ValueError, with a message for people, for one of another shape."""
    data = _object(data, "the scope")
    unknown = sorted(set(data) - _KEYS)
    if unknown:
        raise ValueError(f"the scope has no {unknown[0]!r}; it has {', '.join(sorted(_KEYS))}")
    request = None if data.get("request") is None else _request(_object(data["request"], "request"))
    response = None if data.get("response") is None else _response(_object(data["response"], "response"))
    root = ExchangeContext(INTERNAL, request or Request("GET", "http://localhost/"))
    root.attributes.update(_object(data.get("attributes"), "attributes"))
    root.session = _object(data.get("session"), "session")
    context: Context = root
    for name, values in _object(data.get("contexts"), "contexts").items():
        context = _context(context, ALIASES.get(name, name), _object(values, f"contexts.{name}"))
    return Scope(
        context,
        request,
        response,
        _object(data.get("properties"), "properties"),
        _texts(data, "env"),
        _texts(data, "system"),
    )


def _object(value: Any, what: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"{what} is not an object")
    return value


def _texts(data: dict[str, Any], key: str) -> dict[str, str] | None:
    return None if data.get(key) is None else {name: str(value) for name, value in _object(data[key], key).items()}


def _headers(data: dict[str, Any], what: str) -> Headers:
    headers = Headers()
    for name, value in _object(data.get("headers"), f"{what}.headers").items():
        for text in value if isinstance(value, list) else [value]:
            headers.add(name, text)
    return headers


def _as_given(part: str, read: Callable[[bytes], Any]) -> Any:
    """A property of entities that reads the text as it was given, while it is still there."""
    inherited = getattr(Entity, part)

    def get(entity: _TextEntity) -> Any:
        content = entity.content()
        return inherited.__get__(entity) if content is None else read(content)

    return property(get, inherited.__set__)


class _TextEntity(Entity):
    """An entity given as text: no coding and no content type decides how it may be read, until it is written."""

    __slots__ = ("_given",)

    def __init__(self, headers: Headers, text: str) -> None:
        content = text.encode()
        super().__init__(headers, content)
        self._given = content

    def content(self) -> bytes | None:
        return self._given if self.raw is self._given else None

    string = _as_given("string", lambda content: content.decode())
    form = _as_given("form", lambda content: Form.from_body(content.decode()))
    bytes = _as_given("bytes", lambda content: content)


def _entity(message: Request | Response, data: dict[str, Any]) -> None:
    value = data.get("entity")
    if value is not None:
        text = value if isinstance(value, str) else dump_json(value).decode()
        message.entity = _TextEntity(message.headers, text)


def _request(data: dict[str, Any]) -> Request:
    request = Request(
        str(data.get("method", "GET")),
        Uri.parse(str(data.get("uri", "http://localhost/"))),
        _headers(data, "request"),
        version=str(data.get("version", "HTTP/1.1")),
    )
    _entity(request, data)
    return request


def _response(data: dict[str, Any]) -> Response:
    status = data.get("status", 200)
    if not isinstance(status, int):
        raise ValueError("response.status is not a number")
    response = Response(status, _headers(data, "response"), version=str(data.get("version", "HTTP/1.1")))
    _entity(response, data)
    return response


# -- contexts


class _JsonContext(InnerContext):
    """A context whose properties come from the scope."""

    def __init__(self, parent: Context, values: dict[str, Any]) -> None:
        self.parent, self.root = parent, parent.root
        table = self.published
        self.given = values
        for key, value in values.items():
            entry = table.properties.get(key)
            if entry is not None and key not in BASE.properties:
                for name in (key, _twin(key)):
                    if name in table.properties:
                        setattr(self, attribute_of(name), _value(resolve(entry.type), value))


def _twin(name: str) -> str:
    """The other name of a documented boolean: `secure` and `isSecure` are one."""
    if name.startswith("is") and name[2:3].isupper():
        return name[2].lower() + name[3:]
    return f"is{name[:1].upper()}{name[1:]}"


_OPEN: Final = HostType("context", base=BASE, item=lambda context, name: context.given.get(name), open=True)


def _context(parent: Context, name: str, values: dict[str, Any]) -> Context:
    if name == "attributes":
        parent.root.attributes.update(_object(values.get("attributes"), "contexts.attributes.attributes"))
        return parent
    if name == "session":
        parent.root.session = {**parent.root.session, **_object(values.get("session"), "contexts.session.session")}
        return parent
    return _class_of(name)(parent, values)


_CLASSES: Final[dict[str, type[_JsonContext]]] = {}


def _class_of(name: str) -> type[_JsonContext]:
    """One class a name, because what a class publishes is looked up by class."""
    if name not in _CLASSES:
        table = CONTEXTS.get(name, _OPEN)
        _CLASSES[name] = type("_JsonContext", (_JsonContext,), {"name": name, "published": table})
    return _CLASSES[name]


def _value(kind: Type, value: Any) -> Any:
    """A JSON value as the kind of value that a running gateway has there."""
    if isinstance(kind, ListType) and isinstance(value, list):
        return [_value(kind.element, item) for item in value]
    maker = _MAKERS.get(kind)
    if maker is not None:
        return maker(value)
    if isinstance(kind, HostType) and not kind.is_map and isinstance(value, dict):
        return _published_object(kind, value)
    return as_json(value)


def _instant(value: Any) -> Any:
    if isinstance(value, str):
        moment = datetime.fromisoformat(value)
        return Instant.of_datetime(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))
    return Instant.of_millis(int(value)) if isinstance(value, int | float) else None


def _certificate(value: Any) -> Any:
    from cryptography.x509 import load_pem_x509_certificate

    return load_pem_x509_certificate(value.encode()) if isinstance(value, str) else None


def _exception(value: Any) -> Any:
    if not isinstance(value, dict):
        return None if value is None else ExchangeError(str(value))
    error = ExchangeError(str(value.get("message", "")))
    name = _object(value.get("class"), "class").get("name")
    if name:
        error.class_name = name  # type: ignore[attr-defined]
    return error


def _transaction(value: Any) -> TransactionId:
    return TransactionId(str(value.get("value", "")) if isinstance(value, dict) else str(value))


_MAKERS: Final = {
    URI: lambda value: FixedUri(value) if isinstance(value, str) else None,
    CLAIMS: lambda value: Claims(value) if isinstance(value, dict) else None,
    CERTIFICATE: _certificate,
    EXCEPTION: _exception,
    TRANSACTION_ID: _transaction,
    INSTANT: _instant,
}

_OBJECTS: Final[dict[HostType, type]] = {}


def _published_object(kind: HostType, values: dict[str, Any]) -> Any:
    cls = _OBJECTS.setdefault(kind, type("Given", (), {"published": kind}))
    made = cls()
    for key, entry in kind.properties.items():
        setattr(made, attribute_of(key), _value(resolve(entry.type), values.get(key)))
    return made
