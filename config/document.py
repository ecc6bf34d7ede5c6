"""A configuration file as a whole: what route files, config.json and admin.json have in common.

Reading one gives a tree with its tokens replaced and its properties known, in which a heap (or the linter) finds the
objects; the file itself is then read as the properties of its document class, in that heap.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from config.declaration import HeapObject, is_comment
from config.values import Map


class Document(HeapObject):
    """The properties at the top of a configuration file."""

    heap: list[Any] = []
    """Objects of this file, to which others refer by name; their order does not matter."""
    properties: dict[str, Any] = {}
    """Named values for tokens and expressions, here and in files below."""

    open_keys: ClassVar[bool] = True
    default_objects: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Objects that exist without being declared: name -> declaration. A declaration of the same name replaces one."""

    @classmethod
    def decorations(cls, values: Map) -> list[str]:
        """Fields that decorate the handler of the file."""
        known = {*cls.property_names(), *cls.removed}
        return [key for key in values if key not in known and not is_comment(key)]
