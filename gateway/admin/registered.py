"""Endpoints that heap objects add to the administrative interface, such as the shares of a UmaService.

They are found below the route that declares the object: `.../routes/ROUTE/objects/OBJECT`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from gateway.routing.names import slug

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.handlers.base import Next

log = logging.getLogger("gatewright.admin")


class RegisteredEndpoints:
    """Endpoints by the heap of their object and its name."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, str], Next] = {}

    def add(self, heap: Heap, name: str, handle: Next) -> Callable[[], None]:
        """Serve an endpoint for an object, from its `start`; the returned function, called in `stop`, ends it."""
        key = id(heap), slug(name)
        self._found[key] = handle
        log.info("Registered the endpoint of '%s' below /api/system/objects, in '%s'", slug(name), heap.name)

        def remove() -> None:
            if self._found.get(key) is handle:
                del self._found[key]

        return remove

    def find(self, heap: Heap | None, name: str) -> Next | None:
        return self._found.get((id(heap), name))


REGISTERED: Final = RegisteredEndpoints()
"""One for the process."""
