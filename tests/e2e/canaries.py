"""Secrets that a test knows, and every form in which they could stand in what a process wrote."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote_plus

LONG_ENOUGH = 8
"""Shorter pieces of base64 could be there by chance."""


@dataclass
class Canaries:
    """Secrets by what they are; asking for one makes it."""

    known: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.known.setdefault(name, f"Cnry{len(self.known):02d}{name.title().replace('-', '')}Zq8x")

    def learn(self, name: str, value: str) -> None:
        """Take up a secret that somebody else made."""
        self.known[name] = value

    def found_in(self, places: Iterable[tuple[str, str]]) -> list[str]:
        """Where which secret was found, in which form."""
        searched = [(name, form, text) for name, secret in self.known.items() for form, text in forms(secret)]
        return [
            f"{name} as {form} in {place}: ...{content[max(0, found.start() - 150) : found.end() + 80]}..."
            for place, content in places
            for name, form, text in searched
            for found in re.finditer(re.escape(text), content)
        ]


def forms(secret: str) -> Iterator[tuple[str, str]]:
    """The secret as it is and as it would stand in other encodings, wherever in a longer text it begins."""
    raw = secret.encode()
    yield "plain text", secret
    if quote_plus(secret) != secret:
        yield "URL-encoded text", quote_plus(secret)
    yield "percent-encoded text", "".join(f"%{byte:02X}" for byte in raw)
    yield "percent-encoded text", "".join(f"%{byte:02x}" for byte in raw)
    yield "hexadecimal digits", raw.hex()
    yield "hexadecimal digits", raw.hex().upper()
    yield "a list of bytes", ", ".join(map(str, raw))
    for offset in range(3):
        # Only the groups that are made of nothing but the secret are the same in every surrounding.
        packed = base64.b64encode(bytes(offset) + raw).decode()
        start = 4 if offset else 0
        whole = packed[start : 4 * ((offset + len(raw)) // 3)]
        if len(whole) >= LONG_ENOUGH:
            yield "base64", whole
            yield "base64 for URLs", whole.replace("+", "-").replace("/", "_")
