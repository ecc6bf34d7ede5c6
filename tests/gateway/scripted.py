"""Runs one declared filter or handler without sockets: a request in, and out what `next` saw and the response.

    outcome = await run({"type": "HeaderFilter", "config": {...}}, request={"uri": "http://host/", "headers": {...}})
    assert outcome.seen[0].headers["X-Name"] == ["value"]

The declaration is JSON as in a route: it goes through the reader, the heap and the real registry of types.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from config.document import Document
from config.heap import Heap
from config.load import Loader
from config.read import read_document
from config.render.full import render
from config.types import Ref
from expr.diagnostic import DiagnosticError
from expr.source import Source
from gateway.application.gateway_http_application import GatewayHttpApplication
from gateway.catalog import registry
from gateway.filters.base import Filter
from gateway.http.connection import Connection
from gateway.http.context import Context, ExchangeContext
from gateway.http.headers import Headers
from gateway.http.message import Request, Response
from tests.canaries import learn_credentials, wrote

Answer = Callable[[Context, Request], Any]
"""What stands for the next element: gives a Response, may be asynchronous, may raise."""


class Scripted(Document):
    """A configuration file with one object in question."""

    tested: Ref[object]
    globalDecorators: dict[str, Any] = {}

    default_objects = GatewayHttpApplication.default_objects


@dataclass
class Seen:
    """The request as `next` got it."""

    method: str
    uri: str
    headers: dict[str, list[str]]
    entity: bytes
    context: Context
    request: Request


@dataclass
class Outcome:
    """What came of one exchange."""

    response: Response
    seen: list[Seen]
    context: ExchangeContext
    request: Request
    """The request object that went in, as the filter left it."""

    @property
    def status(self) -> int:
        return self.response.status.code

    @property
    def headers(self) -> dict[str, list[str]]:
        return lines(self.response.headers)

    @property
    def text(self) -> str:
        return self.response.entity.string

    @property
    def forwarded(self) -> Seen:
        """The one request that `next` got."""
        assert len(self.seen) == 1, f"next was called {len(self.seen)} times"
        return self.seen[0]


@dataclass
class Script:
    """Stands for the next element: answers with the given responses in turn, the last one again and again."""

    answers: list[Answer]
    seen: list[Seen] = field(default_factory=list)

    async def __call__(self, context: Context, request: Request) -> Response:
        body = await request.entity.read_raw()
        headers = lines(request.headers)
        for credentials in headers.get("Authorization", []):
            learn_credentials(credentials)
        self.seen.append(Seen(request.method, str(request.uri), headers, body, context, request))
        answer = self.answers[min(len(self.seen), len(self.answers)) - 1]
        response = answer(context, request)
        return await response if hasattr(response, "__await__") else response


def lines(headers: Headers) -> dict[str, list[str]]:
    return {name: headers.all(name) for name in headers}


def answer(
    status: int = 200, headers: Mapping[str, str | Iterable[str]] | None = None, entity: str | bytes | None = None
) -> Answer:
    """An answer of `next`, made anew for each call."""

    def make(_context: Context, _request: Request) -> Response:
        response = Response(status, headers_of(headers))
        if entity is not None:
            response.entity.set(entity)
        return response

    return make


def failing(error: BaseException) -> Answer:
    """An answer of `next` that is a failure."""

    def make(_context: Context, _request: Request) -> Response:
        raise error

    return make


def headers_of(values: Mapping[str, str | Iterable[str]] | None) -> Headers:
    headers = Headers()
    for name, value in (values or {}).items():
        for item in [value] if isinstance(value, str) else value:
            headers.add(name, item)
    return headers


def request_of(
    method: str = "GET",
    uri: str = "http://gateway.example.com:8080/",
    headers: Mapping[str, str | Iterable[str]] | None = None,
    entity: str | bytes | None = None,
) -> Request:
    request = Request(method, uri, headers_of(headers))
    if entity is not None:
        request.entity.set(entity)
    return request


def load(declaration: Mapping[str, Any], *, heap: Iterable[Mapping[str, Any]] = (), **top: Any) -> tuple[Heap, Any]:
    """Build a declared object, in a file with other heap objects and top-level fields; raises DiagnosticError."""
    text = json.dumps({**top, "heap": list(heap), "tested": declaration}, indent=2)
    built, document = Loader(registry()).build(Scripted, read_document(Source("scripted.json", text)), name="scripted")
    return built, document.tested


def build(declaration: Mapping[str, Any], **around: Any) -> Any:
    """A built object that is not started; arguments as those of `load`."""
    return load(declaration, **around)[1]


@asynccontextmanager
async def started(declaration: Mapping[str, Any], **around: Any) -> Any:
    """A built object while everything of its file runs."""
    heap, tested = load(declaration, **around)
    await heap.start()
    try:
        yield tested
    finally:
        await heap.stop()
        if heap.parent is not None:
            await heap.parent.stop()


def problems(declaration: Mapping[str, Any], **around: Any) -> list[str]:
    """Messages of what keeps a declaration from being built."""
    try:
        build(declaration, **around)
    except DiagnosticError as error:
        wrote("diagnostics", render(error.diagnostics))
        return [diagnostic.message for diagnostic in error.diagnostics]
    return []


async def exchange(
    tested: Any,
    request: Request | Mapping[str, Any] | None = None,
    next: Answer | list[Answer] | None = None,  # noqa: A002
    *,
    session: Any = None,
    attributes: Mapping[str, Any] | None = None,
    connection: Connection | None = None,
    context: Callable[[Context], Context] | None = None,
) -> Outcome:
    """One exchange with a built object; `context` puts contexts of its own around the root."""
    made = request if isinstance(request, Request) else request_of(**(request or {}))
    root = ExchangeContext(connection or Connection(("192.0.2.1", 40000), ("192.0.2.2", 8080)), made)
    root.attributes.update(attributes or {})
    if session is not None:
        root.session = session
    innermost = context(root) if context else root
    script = Script(next if isinstance(next, list) else [next or answer()])
    if isinstance(tested, Filter):
        response = await tested.filter(innermost, made, script)
    else:
        response = await tested.handle(innermost, made)
    return Outcome(response, script.seen, root, made)


async def run(
    declaration: Mapping[str, Any],
    request: Request | Mapping[str, Any] | None = None,
    next: Answer | list[Answer] | None = None,  # noqa: A002
    *,
    heap: Iterable[Mapping[str, Any]] = (),
    top: Mapping[str, Any] | None = None,
    **exchanging: Any,
) -> Outcome:
    """Build and start an object, run one exchange with it, and stop it again."""
    async with started(declaration, heap=heap, **(top or {})) as tested:
        outcome = await exchange(tested, request, next, **exchanging)
        await outcome.response.entity.buffer()
        return outcome
