"""Answers that are kept: while one is fresh nobody asks again, and who asks at the same time shares one question."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import Final, Generic, TypeVar
from weakref import WeakValueDictionary

from gateway.certificates.status import Undetermined

FAILED: Final = 10.0
"""Seconds for which nobody asks again where there was no answer, for each attempt may take as long as it is given."""

V = TypeVar("V")


class Answers(Generic[V]):
    """So many answers at most, those asked for last; belongs to one event loop."""

    def __init__(self, size: int, clock: Callable[[], float] = monotonic) -> None:
        self._size = size
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[float, V | Undetermined]] = OrderedDict()
        self._asking: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[tuple[V, float]]]) -> V:
        """The answer for a key; `ask` gives one and for how many seconds it holds, or raises Undetermined."""
        lock = self._asking.setdefault(key, asyncio.Lock())
        async with lock:
            until, kept = self._kept.get(key, (0.0, None))
            if kept is None or self._clock() >= until:
                kept = await self._ask(key, ask)
            self._kept.move_to_end(key)
        if isinstance(kept, Undetermined):
            raise Undetermined(*kept.args)
        return kept

    async def _ask(self, key: Hashable, ask: Callable[[], Awaitable[tuple[V, float]]]) -> V | Undetermined:
        found: V | Undetermined
        try:
            found, lasting = await ask()
        except Undetermined as error:
            found, lasting = Undetermined(*error.args), FAILED
        self._kept[key] = self._clock() + lasting, found
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return found
