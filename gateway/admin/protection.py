"""Who may call the administrative interface: a filter of the configuration, or else what its mode implies."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from gateway.http.message import Response

if TYPE_CHECKING:
    from gateway.filters.base import Filter
    from gateway.handlers.base import Next
    from gateway.http.context import Context
    from gateway.http.message import Request

DENIED = 403


def protected(following: Next, guard: Filter | None, *, loopback_only: bool) -> Next:
    """What follows behind a filter; without one, for clients on this machine only where that is wanted."""
    if guard is not None:
        call = guard.filter

        async def guarded(context: Context, request: Request) -> Response:
            return await call(context, request, following)

        return guarded
    return _for_this_machine(following) if loopback_only else following


def _for_this_machine(following: Next) -> Next:
    async def local(context: Context, request: Request) -> Response:
        if not is_loopback(context.root.connection.remote_address):
            return Response(DENIED)
        return await following(context, request)

    return local


def is_loopback(address: str) -> bool:
    """Is an address of this machine's loopback interface, IPv4 in IPv6 included?"""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return (mapped or parsed).is_loopback
