"""ChainOfFilters: a list of filters that stands where one filter can stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from config.types import Ref
from gateway.filters.base import Filter, Next
from gateway.handlers.chain import compose

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request, Response


class ChainOfFilters(Filter):
    """Packs a list of filters into one filter."""

    filters: list[Ref[Filter]]
    """The filters, in the order in which a request passes them; may be empty."""

    example: ClassVar = {
        "type": "ChainOfFilters",
        "config": {
            "filters": [
                {"type": "HeaderFilter", "config": {"messageType": "REQUEST", "remove": ["X-Debug"]}},
                {"type": "DateHeaderFilter"},
            ]
        },
    }

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        return await compose(self.filters, next)(context, request)
