"""The session as filters use it: loaded before it is read, whatever keeps it."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway.http.context import Context


async def loaded_session(context: Context) -> MutableMapping[str, Any]:
    """The session in force, with its values there to be read."""
    session = context.session
    load = getattr(session, "load", None)
    if load is not None:
        await load()
    return session
