"""An index over the conditions of routes: choosing among ten thousand routes costs about what choosing among ten does.

The guards of all routes are compiled into one re2 set, which names in one pass the routes whose path pattern matches;
the compiled conditions of these candidates decide, in the documented order. Where the set cannot say (a path with line
ends or beyond ASCII, a condition without a guard) a route is a candidate, so the answer is always the one that
evaluating every condition in order gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from gateway.http.message import Request
from gateway.routing.guards import Guard

_PLAIN = re.compile(r"[\x20-\x7e]*")
SMALL = 16
"""Up to so many routes trying one after the other is as fast."""
_MEMORY = 1 << 30


class RouteIndex:
    """Proposes candidates, as positions in the order of the routes."""

    __slots__ = ("_all", "_guards", "_owners", "_set", "_unguarded")

    def __init__(self, guards: Sequence[Guard]) -> None:
        self._guards = guards
        self._all = range(len(guards))
        self._unguarded = [position for position, guard in enumerate(guards) if guard.paths is None]
        self._owners: list[int] = []
        self._set = self._compiled() if len(guards) > SMALL else None

    def _compiled(self) -> Any | None:
        import re2

        options = re2.Options()
        options.max_mem = _MEMORY
        options.log_errors = False
        patterns = re2.Set.SearchSet(options)
        patterns.Add("")  # matches every path, so that no answer at all means that the set gave up
        for position, guard in enumerate(self._guards):
            for pattern in guard.paths or ():
                try:
                    patterns.Add(pattern)
                except re2.error:
                    self._unguarded.append(position)
                else:
                    self._owners.append(position)
        self._unguarded.sort()
        if not self._owners:
            return None
        patterns.Compile()
        return patterns

    def candidates(self, request: Request) -> Iterable[int]:
        """Positions of the routes whose conditions are worth evaluating, in order."""
        if self._set is None:
            return self._all
        path = request.uri.path
        if _PLAIN.fullmatch(path) is None:
            return self._all
        named = self._set.Match(path)
        if not named:
            return self._all
        owners = self._owners
        positions = {*self._unguarded, *(owners[number - 1] for number in named if number)}
        return self._fitting(request, sorted(positions))

    def _fitting(self, request: Request, positions: list[int]) -> Iterator[int]:
        for position in positions:
            guard = self._guards[position]
            if guard.methods is not None and request.method not in guard.methods:
                continue
            if guard.hosts is not None and request.uri.host not in guard.hosts:
                continue
            yield position
