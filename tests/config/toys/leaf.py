from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from config.declaration import Deprecated, Formerly, HeapObject, NoEffect
from config.types import Duration, Runtime, Static


class Colour(StrEnum):
    RED = "RED"
    GREEN = "GREEN"


class Leaf(HeapObject):
    """Holds values."""

    text: Static[str] = ""
    number: Static[int] = 0
    flag: Static[bool] = False
    colour: Static[Colour] = Colour.RED
    wait: Duration = Field(default="1 second")
    words: list[Static[str]] = []
    value: Runtime[str] | None = None
    renamed: Annotated[Static[str], Formerly("oldName")] = ""
    old: Annotated[Static[str], Deprecated("use text")] = ""
    threads: Annotated[Static[int], NoEffect()] = 1
    needed: Static[str] = "given"

    removed: ClassVar = {"gone": "use text"}
    log_of_life: ClassVar[list[str]] = []

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if self.number < 0:
            yield "number", "a negative number", "use zero or more"

    async def start(self) -> None:
        if self.text == "refuses":
            raise RuntimeError("it refuses to start")
        self.log_of_life.append(f"start {self.object_name}")

    async def stop(self) -> None:
        self.log_of_life.append(f"stop {self.object_name}")
