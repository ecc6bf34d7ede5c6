"""Who sent a request: addresses of the last hop, and the networks and certificates that rules name."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Annotated, TypeAlias

from pydantic import AfterValidator

from config.codes import INVALID_VALUE
from config.problem import problem
from config.types import Static

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request

Address: TypeAlias = IPv4Address | IPv6Address
AnyNetwork: TypeAlias = IPv4Network | IPv6Network


def _network(text: str) -> AnyNetwork:
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        hint = 'write an address such as "10.1.2.3" or "::1", or a range such as "10.1.0.0/16"'
        raise problem(INVALID_VALUE, f'"{text}" is no IP address and no range of them', hint) from None


if TYPE_CHECKING:
    Network: TypeAlias = AnyNetwork
else:
    Network = Annotated[Static[str], AfterValidator(_network)]
"""An IP address or a range of addresses."""


def address(text: str | None) -> Address | None:
    """The IP address of a text, None when it is none; an IPv4 address mapped to IPv6 is one of IPv4."""
    try:
        found = ip_address((text or "").strip().strip("[]"))
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def last_hop(context: Context, request: Request) -> Address | None:
    """The direct client: by the last element of Forwarded or X-Forwarded-For, else by the connection."""
    forwarded = request.headers.all("Forwarded")
    if forwarded:
        return address(_for_parameter(forwarded[-1].rpartition(",")[2]))
    hops = request.headers.all("X-Forwarded-For")
    if hops:
        return address(_without_port(hops[-1].rpartition(",")[2].strip()))
    return address(context.root.connection.remote_address)


def _for_parameter(element: str) -> str | None:
    for pair in element.split(";"):
        name, _, value = pair.partition("=")
        if name.strip().lower() == "for":
            return _without_port(value.strip().strip('"'))
    return None


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def subject_names(context: Context) -> tuple[str, ...]:
    """The subject of the client's certificate, as RFC 2253 writes it and as Java prints it; empty without one."""
    certificates = context.root.connection.certificates
    if not certificates:
        return ()
    subject = certificates[0].subject
    return (
        subject.rfc4514_string(),
        ", ".join(part.rfc4514_string() for part in reversed(subject.rdns)),
    )
