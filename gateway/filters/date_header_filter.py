"""DateHeaderFilter: a Date header on responses that have none."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING, ClassVar

from gateway.filters.base import Filter, Next

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request, Response


class DateHeaderFilter(Filter):
    """Adds the header Date with the current time to a response that has none."""

    example: ClassVar = {"type": "DateHeaderFilter"}

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        response = await next(context, request)
        if "Date" not in response.headers:
            response.headers.set("Date", formatdate(usegmt=True))
        return response
