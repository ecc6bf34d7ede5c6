from __future__ import annotations

from typing import Any, ClassVar

from config.declaration import HeapObject
from config.types import Ref


class Stand(HeapObject):
    """Stands for another object."""

    for_: Ref[object]

    stands_for: ClassVar = "for_"

    @classmethod
    def may_be(cls, kind: type) -> bool:
        return True

    def product(self) -> Any:
        return self.for_
