"""StaticRequestFilter: puts a new request in the place of the one that came."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from gateway.filters.base import Filter, Next
from gateway.filters.request_template import RequestTemplate

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request, Response


class StaticRequestFilter(RequestTemplate, Filter):
    """Replaces the request by a new one; nothing of the original is copied, no cookie and no header."""

    example: ClassVar = {
        "type": "StaticRequestFilter",
        "config": {
            "method": "POST",
            "uri": "https://app.example.com/login",
            "form": {
                "username": ["${contexts.sqlAttributes.row.USERNAME}"],
                "password": ["${contexts.sqlAttributes.row.PASSWORD}"],
            },
        },
    }

    def verify(self) -> Iterator[tuple[str, str, str]]:
        return self.problems()

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        return await next(context, await self.build(context, request))
