"""TracingDecorator: a span of OpenTelemetry for each use of an object."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar

from config.types import Static
from gateway import tracing
from gateway.decorators.base import Decorator, Enter, Pass, around
from gateway.filters.base import Filter
from gateway.handlers.base import Handler

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request, Response

STATUS = "http.response.status_code"


class TracingDecorator(Decorator):
    """Makes a span of OpenTelemetry for each use of the decorated object.

    The value true switches it on. It has an effect only where admin.json enables `openTelemetry.tracing`.
    """

    decoration: ClassVar[Any] = Static[bool]
    example: ClassVar = {"name": "tracing", "type": "TracingDecorator"}

    def decorate(self, target: Any, value: Any, name: str) -> Any:
        if not value or not tracing.enabled():
            return target
        kind = type(target).__name__
        title = f"{kind} {name}".rstrip()
        attributes = {"gatewright.object": name, "gatewright.type": kind}
        if isinstance(target, Handler):
            return around(target, handle=_traced_handler(target.handle, title, attributes))
        if isinstance(target, Filter):
            return around(target, filter=_traced_filter(target.filter, title, attributes))
        operations = getattr(target, "traced_operations", ())
        return around(target, **{one: _traced(getattr(target, one), title, attributes) for one in operations})


def _traced_handler(handle: Enter, title: str, attributes: dict[str, Any]) -> Enter:
    async def enter(context: Context, request: Request) -> Response:
        with tracing.span(title, attributes, request.headers) as span:
            tracing.pass_on(request.headers)
            response = await handle(context, request)
            span.set_attribute(STATUS, response.status.code)
            return response

    return enter


def _traced_filter(call: Pass, title: str, attributes: dict[str, Any]) -> Pass:
    async def enter(context: Context, request: Request, following: Enter) -> Response:
        with tracing.span(title, attributes, request.headers) as span:
            response = await call(context, request, following)
            span.set_attribute(STATUS, response.status.code)
            return response

    return enter


def _traced(operation: Callable[..., Awaitable[Any]], title: str, attributes: dict[str, Any]) -> Callable[..., Any]:
    name = getattr(operation, "__name__", "")

    @wraps(operation)
    async def enter(*arguments: Any, **options: Any) -> Any:
        with tracing.span(f"{title} {name}".rstrip(), {**attributes, "code.function.name": name}):
            return await operation(*arguments, **options)

    return enter
