"""Host objects and an environment for tests of the language that need no HTTP."""

from __future__ import annotations

from enum import Enum
from typing import Any, ClassVar

from expr import Environment, HostType, Name, Property, types


class Level(Enum):
    LOW = 1
    HIGH = 2


LEVEL = types.EnumType("Level", Level.__members__)


class Door:
    """A host object with a property of each kind."""

    published: ClassVar[HostType]

    def __init__(self) -> None:
        self.name = "front"
        self.width = 90
        self.level = Level.HIGH
        self.notes: dict[str, Any] = {"a": 1}
        self.secret = "not published"
        self.inner: Door | None = None

    def _rename(self, value: Any) -> None:
        if not isinstance(value, str):
            raise TypeError("a name is text")
        self.name = value

    def knock(self, times: int) -> str:
        return "knock " * times


def _fail(door: Door) -> str:
    raise RuntimeError(f"a secret: {door.secret}")


Door.published = HostType(
    "Door",
    properties={
        "name": (types.STRING, "name", Door._rename),
        "width": (types.INTEGER, "width"),
        "open": (types.BOOLEAN, lambda door: door.width > 100),
        "level": (LEVEL, "level"),
        "broken": (types.STRING, _fail),
        "inner": (lambda: Door.published, "inner"),
        "old": Property(types.STRING, "name", deprecated="use name"),
        "content": Property(types.STRING, "name", reads="entity"),
    },
    methods={
        "knock": ((types.INTEGER,), types.STRING, Door.knock),
        "pick": [
            ((types.STRING,), types.STRING, lambda door, key: f"text {key}"),
            ((types.INTEGER,), types.STRING, lambda door, key: f"number {key}"),
        ],
        "broken": ((), types.STRING, _fail),
    },
    item=lambda door, key: door.notes.get(key),
    set_item=lambda door, key, value: door.notes.__setitem__(key, value),
    text=lambda door: f"door {door.name}",
)

HOUSE = Environment(
    ("door", "data"),
    {"door": Name("door", Door.published, "request"), "data": Name("data", types.MAP, "attributes")},
    missing={"window": "there is no window here"},
    title="a test",
)
