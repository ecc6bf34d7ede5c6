"""Names of routers and routes as metrics and the administrative interface write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.routing.router import Router
    from gateway.routing.table import LoadedRoute

UNNAMED: Final = "router-handler"
"""The main router of config.json when it has no name."""


def slug(text: str) -> str:
    """The form of a name in URLs: lower case, no accents, runs of blanks, hyphens and slashes as one hyphen."""
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(character for character in decomposed if not unicodedata.combining(character)).lower()
    kept = re.sub(r"[^\w\s/-]", "", plain)
    return re.sub(r"[\s/-]+", " ", kept).strip().replace(" ", "-")


def router_name(router: Router) -> str:
    """Name of a router among those of its heap; one that is inline has the name of its place unless it has its own."""
    name = router.object_name
    return UNNAMED if name == f"{router.heap.name}.handler" else name


@dataclass(frozen=True)
class Deployed:
    """A router and where it is."""

    router: Router
    heap: str
    """Names of the heaps around it, such as gateway or gateway._router.outer."""

    @property
    def name(self) -> str:
        return router_name(self.router)

    @property
    def qualified_name(self) -> str:
        return f"{self.heap}.{self.name}"


def routers_in(routers: Iterable[Router], heap: Heap | None) -> list[Router]:
    """The routers that a heap declares; without a heap, those that no route declares."""
    routers = list(routers)
    if heap is not None:
        return [router for router in routers if router.heap is heap]
    inner = {id(loaded.heap) for router in routers for loaded in router.table.routes}
    return [router for router in routers if id(router.heap) not in inner]


def deployed(routers: Iterable[Router]) -> Iterator[Deployed]:
    """All routers, each before those in its routes."""
    routers = list(routers)
    for router in routers_in(routers, None):
        yield from _below(routers, Deployed(router, router.heap.name))


def _below(routers: list[Router], outer: Deployed) -> Iterator[Deployed]:
    yield outer
    for loaded in outer.router.table.routes:
        for router in routers_in(routers, loaded.heap):
            yield from _below(routers, Deployed(router, f"{outer.qualified_name}.{loaded.id}"))


def find_route(router: Router, id_: str) -> LoadedRoute | None:
    """The route with an id, given in the form that it has in URLs."""
    return next((loaded for loaded in router.table.routes if id_ in (loaded.id, slug(loaded.id))), None)
