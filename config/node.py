"""What lint knows of a declared object: its expressions, and the objects that its properties refer to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from config.declaration import HeapObject
from config.decode import Declared
from config.loading import Side
from config.values import Map
from expr import LValue, Template

if TYPE_CHECKING:
    from config.check import Checker


@dataclass(eq=False)
class Reference:
    """A property of an object that stands for another object."""

    property_name: str
    value: Any
    """The name (Text) or inline declaration (Map) as it stands."""
    target: Node
    inline: bool


@dataclass(eq=False)
class Expression:
    """An expression as a property of an object."""

    text: str
    compiled: Template | LValue
    side: Side | None
    """None for a configuration expression."""


@dataclass(eq=False)
class Node:
    """A declared object and what its properties refer to."""

    declaration: Declared
    scope: Checker
    inline: bool = False
    references: list[Reference] = field(default_factory=list)
    expressions: list[Expression] = field(default_factory=list)
    incomplete: bool = False
    """Does it refer to an object that could not be read?"""
    instance: HeapObject | None = None
    """The object with its references unresolved; None where a value is not known here or is wrong."""
    members: list[tuple[str, Any, Map]] | None = None
    """What `config.rules.base.members` found: every rule asks for it."""

    @property
    def cls(self) -> type[HeapObject]:
        return self.declaration.cls

    @property
    def properties(self) -> Map:
        """What stands in its configuration; for a file, all that stands in it."""
        return self.declaration.values if self is self.scope.root else self.declaration.config


class Unreadable(HeapObject):
    """Stands for an object whose type this version does not run, or that does not exist."""

    open_keys: ClassVar[bool] = True
    provides: ClassVar = {"next": ("*",)}

    @classmethod
    def may_be(cls, kind: type) -> bool:
        return True


def stood_for(node: Node) -> Node | None:
    """The object at the end of those that stand for others; None when it is not known, or they stand for each other."""
    seen: set[Node] = set()
    current: Node | None = node
    while current is not None and current.cls.stands_for and current not in seen:
        seen.add(current)
        name = current.cls.stands_for
        current = next((r.target for r in current.references if r.property_name == name), None)
    return None if current in seen else current
