"""What a heap object type is: one pydantic class that declares its properties and does its work.

The declaration is the only source of building, validating, linting, the JSON Schema and the reference page.
"""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, PrivateAttr, model_validator
from pydantic_core import core_schema

from config.codes import DEPRECATED_PROPERTY, REMOVED_PROPERTY, UNKNOWN_PROPERTY
from config.problem import closest, one_of
from config.values import Map, rebuilt

if TYPE_CHECKING:
    from config.heap import Heap
    from config.loading import Loading

COMMENT_KEYS = frozenset({"comment", "comments"})


def is_comment(key: str) -> bool:
    """Is a field switched off or a remark (CommentsAndReservedNames)?"""
    return key in COMMENT_KEYS or key.startswith("_")


@dataclass(frozen=True)
class Deprecated:
    """Annotation of a property that works and has a successor."""

    instead: str


@dataclass(frozen=True)
class Formerly:
    """Annotation of a property: an older name that is still accepted."""

    name: str


class Properties(BaseModel):
    """A group of documented properties: a nested object of a configuration."""

    model_config = ConfigDict(arbitrary_types_allowed=True, validate_default=True, use_attribute_docstrings=True)

    removed: ClassVar[Mapping[str, str]] = {}
    """Properties that older versions had -> what to use instead; they are ignored, and lint says so."""
    open_keys: ClassVar[bool] = False
    """Other keys than the fields mean something to the object itself."""

    @model_validator(mode="before")
    @classmethod
    def _known_properties(cls, values: Any, info: core_schema.ValidationInfo) -> Any:
        """Report keys that mean nothing, rename old ones, and drop nulls, which count as absent."""
        if not isinstance(values, dict):
            return values
        loading: Loading | None = info.context
        fields = cls.model_fields
        if all(key in fields and value is not None for key, value in values.items()) and not cls.old_names():
            return values
        kept: dict[str, Any] = {}
        for key, value in values.items():
            name = cls.old_names().get(key, key)
            if loading is not None:
                _advise_on_key(cls, loading, values, key)
            if value is not None and (name in fields or cls.open_keys):
                kept[name] = value
        return rebuilt(values, kept.items()) if isinstance(values, Map) else kept

    @classmethod
    def old_names(cls) -> Mapping[str, str]:
        """Older names of properties -> the names of today."""
        names = cls.__dict__.get("_old_names_cache")
        if names is None:
            names = {
                mark.name: name
                for name, field in cls.model_fields.items()
                for mark in field.metadata
                if isinstance(mark, Formerly)
            }
            type.__setattr__(cls, "_old_names_cache", names)
        return names


def _advise_on_key(cls: type[Properties], loading: Loading, values: dict[str, Any], key: str) -> None:
    if (old := cls.old_names().get(key)) is not None:
        loading.advise_key(DEPRECATED_PROPERTY, f'the property "{key}" is now called "{old}"', values, key, f'write "{old}"')
    elif key in cls.model_fields:
        for mark in cls.model_fields[key].metadata:
            if isinstance(mark, Deprecated):
                loading.advise_key(DEPRECATED_PROPERTY, f'the property "{key}" is deprecated', values, key, mark.instead)
    elif key in cls.removed:
        loading.advise_key(REMOVED_PROPERTY, f'the property "{key}" no longer exists', values, key, cls.removed[key])
    elif not is_comment(key) and not cls.open_keys:
        names = [name for name in cls.model_fields if not name.startswith("_")]
        hint = closest(key, names) or (f"the properties are {one_of(names)[7:]}" if names else "it has no properties")
        loading.advise_key(UNKNOWN_PROPERTY, f'{cls.__name__} has no property "{key}"', values, key, hint)


class HeapObject(Properties):
    """A heap object type. The class is named as documented, and so is its module, in snake case."""

    provides: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Contexts that it adds: "next" (all that follows) or a handler property -> names of contexts."""
    deprecated: ClassVar[str] = ""
    """What replaces the type, if it is deprecated."""
    example: ClassVar[Mapping[str, Any]] = {}
    """A valid declaration."""
    extension: ClassVar[bool] = False
    """Is it Gatewright's own, not PingGateway's?"""

    _object_name: str = PrivateAttr(default="")

    @property
    def object_name(self) -> str:
        """Name in the heap, or the one made for an inline object."""
        return self._object_name

    @property
    def log(self) -> logging.Logger:
        return logging.getLogger(f"gatewright.{type(self).__name__}")

    def verify(self) -> Iterator[tuple[str, str, str]]:
        """Rules across properties: yields (property, what is wrong, remedy)."""
        return iter(())

    def prepare(self, heap: Heap) -> None:
        """Finish the object once its properties are there; no I/O."""

    async def start(self) -> None:
        """Begin what runs beside requests."""

    async def stop(self) -> None:
        """End what `start` began, and release what the object holds."""

    @classmethod
    def may_be(cls, kind: type) -> bool:
        """Can an object of this type stand where a kind is wanted?"""
        return issubclass(cls, kind)

    def product(self) -> Any:
        """What a reference to the object gets: itself, but for types that stand for another."""
        return self


class Decorator(HeapObject):
    """Wraps other objects; its name in the heap is the field that applies it (DecoratorRules)."""

    decoration: ClassVar[Any] = Any
    """Type of the field's value, as a property type."""

    @abstractmethod
    def decorate(self, target: Any, value: Any, name: str) -> Any:
        """The target with the decoration around it, or the target itself where it means nothing.

        `name` is the target's name in the heap.
        """
