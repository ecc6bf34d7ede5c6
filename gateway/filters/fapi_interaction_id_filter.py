"""FapiInteractionIdFilter: lets the interaction id of a FAPI exchange travel through."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from uuid import uuid4

from gateway.filters.base import Filter, Next
from gateway.http.context import Context, InnerContext

if TYPE_CHECKING:
    from gateway.http.message import Request, Response

HEADER = "x-fapi-interaction-id"


class InteractionIdFapiContext(InnerContext, name="interactionIdFapiContext"):
    """The FAPI interaction id of the request."""


class FapiInteractionIdFilter(Filter):
    """Gives a request without the header x-fapi-interaction-id a new one, and the response the same value."""

    provides: ClassVar = {"next": ("interactionIdFapiContext",)}
    example: ClassVar = {"type": "FapiInteractionIdFilter"}

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        interaction_id = request.headers.first(HEADER)
        if not interaction_id:
            interaction_id = str(uuid4())
            request.headers.set(HEADER, interaction_id)
        self.log.info("the interaction id is %s", interaction_id)
        context.root.audit_extensions["fapi-interaction-id"] = interaction_id
        response = await next(InteractionIdFapiContext(context, fapi_interaction_id=interaction_id), request)
        response.headers.set(HEADER, interaction_id)
        return response
