from __future__ import annotations

from config.declaration import HeapObject
from config.types import OneOrMore, Ref
from tests.config.toys.leaf import Leaf


class Pair(HeapObject):
    """Refers to leaves, and to another pair."""

    left: Ref[Leaf]
    others: OneOrMore[Ref[Leaf]] = []
    next: Ref[Pair] | None = None
