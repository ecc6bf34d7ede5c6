"""Host names to addresses: the system's resolver, with overrides as curl's `--resolve` takes them.

Every new connection asks again, so a changed DNS record is followed as soon as connections turn over; the cache, if
any, is the operating system's. Knows nothing of connections.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterable
from typing import Final, TypeAlias

from gateway.client.errors import NameNotResolved

AddressInfo: TypeAlias = tuple[int, int, int, str, tuple[str, int]]
"""Family, type, protocol, canonical name and socket address, as getaddrinfo gives them."""

_OVERRIDE: Final = re.compile(r"(?P<host>\*|[^:\s\[\]]+)(?::(?P<port>[0-9]{1,5}))?:(?P<addresses>\S+)")


class Resolver:
    """Resolves host names; entries of `overrides` win over the system."""

    def __init__(self, overrides: Iterable[str] = ()) -> None:
        self._overrides: dict[tuple[str, int | None], tuple[str, ...]] = {}
        self._redirects: dict[tuple[str, int], AddressInfo] = {}
        for text in overrides:
            self.add(text)

    def add(self, text: str) -> None:
        """Take one `HOST[:PORT]:ADDRESS[,ADDRESS]`; ValueError when it is none.

        `*` as HOST is every name; IPv6 addresses may stand in brackets; an entry with a port wins over one without.
        """
        match = _OVERRIDE.fullmatch(text)
        if match is None:
            raise ValueError(f'"{text}" is not of the form HOST[:PORT]:ADDRESS')
        addresses = tuple(part.removeprefix("[").removesuffix("]") for part in match["addresses"].split(","))
        for address in addresses:
            if literal_address(address, 0) is None:
                raise ValueError(f'"{address}" is not an IP address')
        port = int(match["port"]) if match["port"] else None
        self._overrides[match["host"].lower().rstrip("."), port] = addresses

    def redirect(self, host: str, port: int, address: str, to_port: int) -> None:
        """Lead a name and port to another port too, as curl's `--connect-to` does; ValueError for a bad address."""
        info = literal_address(address, to_port)
        if info is None:
            raise ValueError(f'"{address}" is not an IP address')
        self._redirects[host.lower().rstrip("."), port] = info

    def override(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses that an override gives, or none."""
        table = self._overrides
        if table:
            for name in (host.lower().rstrip("."), "*"):
                found = table.get((name, port)) or table.get((name, None))
                if found:
                    return found
        return ()

    async def resolve(self, host: str, port: int) -> list[AddressInfo]:
        """Addresses in the order in which to try them; raises NameNotResolved."""
        if self._redirects and (info := self._redirects.get((host.lower().rstrip("."), port))) is not None:
            return [info]
        literals = self.override(host, port) or (host,)
        infos = [found for text in literals if (found := literal_address(text, port)) is not None]
        if infos:
            return infos
        loop = asyncio.get_running_loop()
        try:
            answers = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        except (OSError, UnicodeError) as error:
            raise NameNotResolved(f"host {host} has no address: {error}") from error
        if not answers:
            raise NameNotResolved(f"host {host} has no address")
        return answers  # type: ignore[return-value]


def literal_address(text: str, port: int) -> AddressInfo | None:
    """Address info of an IP address in text form; None when it is a name."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, text)
        except (OSError, ValueError):
            continue
        return (family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (text, port))
    return None


DEFAULT = Resolver()
"""The resolver of the process: the command adds the entries of `--resolve` to it before anything connects."""
