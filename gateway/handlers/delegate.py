"""Delegate: stands for another object, so that it can be decorated for one use only."""

from __future__ import annotations

from typing import Any, ClassVar

from config.declaration import HeapObject
from config.types import Ref


class Delegate(HeapObject):
    """Stands for another object of any kind. Decorations on it concern only those who refer to it."""

    delegate: Ref[object]
    """The object that it stands for."""

    sequence: ClassVar = ("delegate",)
    stands_for: ClassVar = "delegate"
    example: ClassVar = {"type": "Delegate", "capture": "all", "config": {"delegate": "ForgeRockClientHandler"}}

    @classmethod
    def may_be(cls, kind: type) -> bool:
        return True

    def product(self) -> Any:
        return self.delegate
