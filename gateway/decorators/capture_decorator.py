"""CaptureDecorator: logs what goes into an object and what comes out of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import PrivateAttr

from config.declaration import Properties
from config.types import OneOrMore, Static
from gateway.decorators.base import Decorator, Enter, Pass, around, logger_of
from gateway.decorators.captured_body import shown
from gateway.decorators.captured_context import captured_context
from gateway.decorators.masking import Masks, named_by
from gateway.filters.base import Filter
from gateway.filters.patterns import IgnoreCasePattern
from gateway.handlers.base import Handler

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.context import Context
    from gateway.http.message import Message, Request, Response

TOO_MUCH = 1 << 31


class Point(StrEnum):
    """A point at which a message is captured."""

    ALL = "all"
    NONE = "none"
    REQUEST = "request"
    FILTERED_REQUEST = "filtered_request"
    RESPONSE = "response"
    FILTERED_RESPONSE = "filtered_response"


class MaskProperties(Properties):
    """What the log hides. With this block, what it names is hidden and nothing else."""

    headers: list[IgnoreCasePattern] = []
    """Patterns for whole names of header fields, ignoring case."""
    trailers: list[IgnoreCasePattern] = []
    """Patterns for whole names of trailer fields, ignoring case."""
    attributes: list[IgnoreCasePattern] = []
    """Patterns for whole names of attributes in the captured contexts, ignoring case."""
    mask: Static[str] = "*****"
    """What stands in the place of a value; ***** by default."""

    def masks(self) -> Masks:
        return Masks(
            named_by(self.headers), named_by(self.trailers), named_by(self.attributes), fields=False, mask=self.mask
        )


class CaptureDecorator(Decorator):
    """Logs requests and responses that go into and come out of the decorated handler or filter.

    The value is a capture point or a list of them: request, filtered_request, response, filtered_response, all, none.

    Without the property `masks`, values that are credentials are hidden: of the headers Authorization,
    Proxy-Authorization, Cookie, Set-Cookie and those whose names speak of tokens, secrets or passwords, and of form,
    query and JSON fields such as access_token, subject_token, client_secret, password, assertion and code. This is
    stricter than PingGateway; `"masks": {}` shows everything, as PingGateway does.
    """

    captureEntity: Static[bool] = False
    """Log text bodies as well? False by default."""
    captureContext: Static[bool] = False
    """Log the contexts as JSON as well? False by default."""
    maxEntityLength: Static[int] = 524288
    """Bytes of a body that are logged; 524288 by default."""
    masks: MaskProperties | None = None
    """What the log hides, instead of the credentials that it hides by default."""

    removed: ClassVar = {
        "captureExchange": "use captureContext",
        "logSink": "configure the log itself",
    }
    decoration: ClassVar[Any] = OneOrMore[Static[Point]]
    example: ClassVar = {
        "name": "capture",
        "type": "CaptureDecorator",
        "config": {"captureEntity": True, "masks": {"headers": ["authorization", "cookie"], "mask": "###"}},
    }

    _masks: Masks = PrivateAttr()

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if not 0 <= self.maxEntityLength < TOO_MUCH:
            yield "maxEntityLength", f"{self.maxEntityLength} is no length for a log", "use a number below 2 GiB"

    def prepare(self, heap: Heap) -> None:
        self._masks = Masks() if self.masks is None else self.masks.masks()

    def decorate(self, target: Any, value: Any, name: str) -> Any:
        points = frozenset(value)
        if Point.NONE in points or not points:
            return target
        if Point.ALL in points:
            points = frozenset(Point)
        capture = Capture(self, self._masks, logger_of(self, name))
        if isinstance(target, Handler):
            handle = capture.around(target.handle, "request", "response", points)
            return target if handle is target.handle else around(target, handle=handle)
        if isinstance(target, Filter):
            return around(target, filter=_captured_filter(target.filter, capture, points))
        return target


def _captured_filter(call: Pass, capture: Capture, points: frozenset[Point]) -> Pass:
    async def enter(context: Context, request: Request, following: Enter) -> Response:
        if not capture.enabled():
            return await call(context, request, following)
        if Point.REQUEST in points:
            await capture.request("request", context, request)
        inner = following
        if Point.FILTERED_REQUEST in points or Point.RESPONSE in points:
            inner = capture.between(following, points)
        response = await call(context, request, inner)
        if Point.FILTERED_RESPONSE in points:
            await capture.response("filtered-response", context, response)
        return response

    return enter


class Capture:
    """Writes the messages of one decorated object to its log."""

    __slots__ = ("_config", "_log", "_masks")

    def __init__(self, config: CaptureDecorator, masks: Masks, log: logging.Logger) -> None:
        self._config, self._masks, self._log = config, masks, log

    def enabled(self) -> bool:
        return self._log.isEnabledFor(logging.INFO)

    def around(self, handle: Enter, before: str, after: str, points: frozenset[Point]) -> Enter:
        """A handler's method with its request and response captured, as far as the points say so."""
        on_request, on_response = Point.REQUEST in points, Point.RESPONSE in points
        if not on_request and not on_response:
            return handle

        async def enter(context: Context, request: Request) -> Response:
            if on_request and self.enabled():
                await self.request(before, context, request)
            response = await handle(context, request)
            if on_response and self.enabled():
                await self.response(after, context, response)
            return response

        return enter

    def between(self, following: Enter, points: frozenset[Point]) -> Enter:
        """What a filter calls, with what it sends there and gets back captured."""
        seen = {Point.REQUEST} if Point.FILTERED_REQUEST in points else set()
        if Point.RESPONSE in points:
            seen.add(Point.RESPONSE)
        return self.around(following, "filtered-request", "response", frozenset(seen))

    def request(self, point: str, context: Context, request: Request) -> Awaitable[None]:
        start = f"{request.method} {self._masks.form(str(request.uri))} {request.version}"
        return self._write(f"--- ({point}) id:{context.root.id} --->", start, context, request)

    def response(self, point: str, context: Context, response: Response) -> Awaitable[None]:
        status = response.status
        start = f"{response.version} {status.code} {status.reason}"
        return self._write(f"<--- ({point}) id:{context.root.id} ---", start, context, response)

    async def _write(self, title: str, start: str, context: Context, message: Message) -> None:
        masks = self._masks
        lines = [title, "", start, *[f"{name}: {masks.header(name, value)}" for name, value in message.headers.items()]]
        if message.has_entity():
            body = await self._body(message) if self._config.captureEntity else "[entity]"
            if body:
                lines += ("", body)
        if message.has_trailers:
            lines += ("", *[f"{name}: {masks.trailer(name, value)}" for name, value in message.trailers.items()])
        if self._config.captureContext:
            values = masks.attribute(captured_context(context))
            lines += ("", "Context's content as JSON:", json.dumps(values, indent=2, default=str))
        self._log.info("\n".join(lines))

    async def _body(self, message: Message) -> str:
        return self._masks.body(await shown(message, self._config.maxEntityLength))
