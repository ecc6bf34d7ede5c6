"""BaseUriDecorator: sends what enters an object to another origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from config.types import Runtime
from gateway.decorators.base import Decorator, Enter, Pass, around
from gateway.filters.base import Filter
from gateway.handlers.base import Handler
from gateway.rebasing import Rebase, Rebased

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request, Response


class BaseUriDecorator(Decorator):
    """Replaces scheme, host and port of the request URI in front of the decorated handler or filter.

    Path, query and fragment stay, and so does the Host header. A value that is null, or not a valid URI, fails the
    request with 500; a value without scheme or host changes nothing.
    """

    decoration: ClassVar[Any] = Runtime[str]
    example: ClassVar = {"name": "baseURI", "type": "BaseUriDecorator"}

    def decorate(self, target: Any, value: Any, name: str) -> Any:
        if not isinstance(value, Runtime):
            return target  # documented: a value that is no string decorates nothing
        if isinstance(target, Handler):
            return around(target, handle=Rebased(Rebase(value), target.handle).handle)
        if isinstance(target, Filter):
            return around(target, filter=_rebased_filter(target.filter, Rebase(value)))
        return target


def _rebased_filter(call: Pass, rebase: Rebase) -> Pass:
    async def enter(context: Context, request: Request, following: Enter) -> Response:
        await rebase(context, request)
        return await call(context, request, following)

    return enter
