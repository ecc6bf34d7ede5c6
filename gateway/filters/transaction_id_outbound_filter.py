"""TransactionIdOutboundFilter: tells the next server the id of the transaction."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, ClassVar

from gateway.filters.base import Filter, Next
from gateway.http.ids import TRANSACTION_HEADER

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request, Response


class TransactionIdOutboundFilter(Filter):
    """Sends the transaction id and a count of calls in the header X-ForgeRock-TransactionId."""

    example: ClassVar = {"type": "TransactionIdOutboundFilter"}

    def filter(self, context: Context, request: Request, next: Next) -> Awaitable[Response]:  # noqa: A002
        request.headers.set(TRANSACTION_HEADER, context.root.transaction.child())
        return next(context, request)
