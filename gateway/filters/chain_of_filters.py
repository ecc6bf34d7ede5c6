"""ChainOfFilters: a list of filters that stands where one filter can stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import PrivateAttr

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

    sequence: ClassVar = ("filters",)
    example: ClassVar = {
        "type": "ChainOfFilters",
        "config": {
            "filters": [
                {"type": "HeaderFilter", "config": {"messageType": "REQUEST", "remove": ["X-Debug"]}},
                {"type": "DateHeaderFilter"},
            ]
        },
    }

    _composed: Any = PrivateAttr(default=(None, None))

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        following, first = self._composed
        if following is not next:
            # What follows is the same for each request of a chain, so this happens once.
            first = compose(self.filters, next)
            self._composed = (next, first)
        return await first(context, request)
