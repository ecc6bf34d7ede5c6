"""What an expression touches, known when it is compiled: the gateway buffers and provides only what is read."""

from __future__ import annotations

from dataclasses import dataclass, field

ANY_KEY = "*"
"""Stands for a name that only the evaluation knows."""


@dataclass(frozen=True)
class Reads:
    """What an expression touches. `contexts` and `headers` hold names (of headers in lower case), or `*` for any."""

    names: frozenset[str] = frozenset()
    """The names in scope that it reads."""
    request_entity: bool = False
    response_entity: bool = False
    session: bool = False
    contexts: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()
    """Headers of the request."""
    response_headers: frozenset[str] = frozenset()

    @property
    def environment(self) -> bool:
        """Does it read `env` or `system`?"""
        return not self.names.isdisjoint(("env", "system"))

    env = environment

    @property
    def request(self) -> bool:
        return "request" in self.names

    @property
    def response(self) -> bool:
        return "response" in self.names

    @property
    def now(self) -> bool:
        return "now" in self.names

    def union(self, other: Reads) -> Reads:
        """What either touches."""
        return Reads(
            self.names | other.names,
            self.request_entity or other.request_entity,
            self.response_entity or other.response_entity,
            self.session or other.session,
            self.contexts | other.contexts,
            self.headers | other.headers,
            self.response_headers | other.response_headers,
        )


@dataclass
class Collector:
    """Gathers what the checker walks over."""

    names: set[str] = field(default_factory=set)
    entities: set[str] = field(default_factory=set)
    session: bool = False
    contexts: set[str] = field(default_factory=set)
    headers: dict[str, set[str]] = field(default_factory=lambda: {"request": set(), "response": set()})

    def name(self, name: str, origin: str | None) -> None:
        self.names.add(name)
        if origin == "session":
            self.session = True

    def property(self, origin: str | None, what: str | None) -> None:
        """A property with `reads` of what the name `origin` stands for."""
        side = origin if origin in ("request", "response") else "request"
        if what == "entity":
            self.entities.add(side)
        elif what == "session":
            self.session = True
        elif what == "cookies":
            self.headers[side].add("cookie" if side == "request" else "set-cookie")

    def header(self, origin: str | None, key: str | None) -> None:
        side = origin if origin in ("request", "response") else "request"
        self.headers[side].add(ANY_KEY if key is None else key.lower())

    def context(self, key: str | None) -> None:
        self.contexts.add(ANY_KEY if key is None else key)
        if key in (None, "session"):
            self.session = True

    def result(self) -> Reads:
        return Reads(
            frozenset(self.names),
            "request" in self.entities,
            "response" in self.entities,
            self.session,
            frozenset(self.contexts),
            frozenset(self.headers["request"]),
            frozenset(self.headers["response"]),
        )
