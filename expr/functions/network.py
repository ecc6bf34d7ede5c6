"""Functions on network addresses."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from expr.functions import Function, Parameter
from expr.types import BOOLEAN, STRING


@lru_cache(maxsize=256)
def _range(text: str) -> Any:
    from ipaddress import ip_network

    return ip_network(text, strict=False)


def _matches(address: str | None, network: str | None) -> bool:
    from ipaddress import ip_address

    if address is None or network is None:
        return False
    try:
        return ip_address(address.strip("[]")) in _range(network)
    except ValueError:
        return False


FUNCTIONS = (
    Function(
        "ipMatch",
        "Is an IP address inside a range given in CIDR notation?",
        (Parameter("ipAddress", STRING, "an IPv4 or IPv6 address"), Parameter("cidr", STRING, "such as 10.0.0.0/8")),
        BOOLEAN,
        _matches,
        (
            ("ipMatch('10.1.2.3', '10.0.0.0/8')", True),
            ("ipMatch('11.1.2.3', '10.0.0.0/8')", False),
            ("ipMatch('2001:db8::1', '2001:db8::/32')", True),
            ("ipMatch('10.1.2.3', '::/0')", False),
            ("ipMatch('10.1.2.3', '10.1.2.3')", True),
            ("ipMatch('no address', '10.0.0.0/8')", False),
            ("ipMatch(null, '10.0.0.0/8')", False),
        ),
        notes="A range without a prefix length is one address. The two families never match each other.",
    ),
)
