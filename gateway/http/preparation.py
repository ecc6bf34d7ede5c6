"""Makes readable what an expression is about to read: an entity is buffered, a session loaded, and only then."""

from __future__ import annotations

from typing import Any

from expr import Reads
from gateway.http.context import Context
from gateway.http.message import Request, Response


async def prepare(reads: Reads, context: Context, request: Request, response: Response | None = None, *_: Any) -> None:
    """Wait for what `reads` names; raises EntityTooLarge for a body over its limit."""
    if reads.request_entity:
        await request.entity.buffer()
    if reads.response_entity and response is not None:
        await response.entity.buffer()
    if reads.session:
        load = getattr(context.session, "load", None)
        if load is not None:
            await load()
