"""What a heap object type is: one pydantic class that declares its properties and does its work.

The declaration is the only source of building, validating, linting, the JSON Schema and the reference page.
"""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, PrivateAttr, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from config.codes import DEPRECATED_PROPERTY, NO_EFFECT, REMOVED_PROPERTY, UNKNOWN_PROPERTY
from config.problem import closest, listed
from config.successor import Renamed
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
class NoEffect:
    """Annotation of a property that PingGateway's runtime needs and this gateway accepts without an effect."""

    why: str = "this gateway has no use for it"


@dataclass(frozen=True)
class Formerly:
    """Annotation of a property: an older name that is still accepted."""

    name: str


class Properties(BaseModel):
    """A group of documented properties: a nested object of a configuration."""

    model_config = ConfigDict(arbitrary_types_allowed=True, validate_default=True, defer_build=True)

    removed: ClassVar[Mapping[str, str]] = {}
    """Properties that older versions had -> what to use instead; they are ignored, and lint says so."""
    open_keys: ClassVar[bool] = False
    """Other keys than the fields mean something to the object itself."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        from config.descriptions import descriptions

        found = handler(schema)
        properties = handler.resolve_ref_schema(found).get("properties", {})
        for name, text in descriptions(cls).items():
            if text and name in properties:
                properties[name].setdefault("description", text)
        return found

    @model_validator(mode="before")
    @classmethod
    def _known_properties(cls, values: Any, info: core_schema.ValidationInfo) -> Any:
        """Report keys that mean nothing, rename old ones, and drop nulls, which count as absent."""
        if not isinstance(values, dict):
            return values
        names = cls.property_names()
        if all(key in names and value is not None for key, value in values.items()) and not any(names.values()):
            return values
        old_names: dict[str, str] = {
            mark.name: name for name, marks in names.items() for mark in marks if isinstance(mark, Formerly)
        }
        loading: Loading | None = info.context
        kept: dict[str, Any] = {}
        given: dict[str, Any] = values
        for key, value in given.items():
            name = old_names.get(key, key)
            if loading is not None:
                cls._advise_on_key(loading, values, key, name)
            if value is not None and name in names:
                kept[name] = value
        return rebuilt(values, kept.items()) if isinstance(values, Map) else kept

    @classmethod
    def property_names(cls) -> Mapping[str, tuple[Deprecated | Formerly | NoEffect, ...]]:
        """The documented names of the properties, each with the marks of its age."""
        names = cls.__dict__.get("_property_names")
        if names is None:
            names = {
                field.alias or name: tuple(m for m in field.metadata if isinstance(m, Deprecated | Formerly | NoEffect))
                for name, field in cls.model_fields.items()
            }
            type.__setattr__(cls, "_property_names", names)
        return names

    @classmethod
    def _advise_on_key(cls, loading: Loading, values: dict[str, Any], key: str, name: str) -> None:
        names = cls.property_names()
        if key != name:
            message = f'the property "{key}" is now called "{name}"'
            loading.advise_key(DEPRECATED_PROPERTY, message, values, key, Renamed(name))
        elif key in names:
            for mark in names[key]:
                if isinstance(mark, Deprecated):
                    loading.advise_key(DEPRECATED_PROPERTY, f'"{key}" is deprecated', values, key, mark.instead)
                elif isinstance(mark, NoEffect):
                    loading.advise_key(NO_EFFECT, f'"{key}" has no effect here', values, key, mark.why)
        elif key in cls.removed:
            loading.advise_key(REMOVED_PROPERTY, f'"{key}" no longer exists', values, key, cls.removed[key])
        elif not is_comment(key) and not cls.open_keys:
            hint = closest(key, names) or (f"the properties are {listed(names)}" if names else "it has no properties")
            loading.advise_key(UNKNOWN_PROPERTY, f'{cls.__name__} has no property "{key}"', values, key, hint)


class HeapObject(Properties):
    """A heap object type. The class is named as documented, and so is its module, in snake case."""

    provides: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Contexts that it adds: "next" (all that follows) or a handler property -> names of contexts."""
    sequence: ClassVar[tuple[str, ...]] = ()
    """Properties whose objects a request passes one after the other, each with the contexts of those before it."""
    stands_for: ClassVar[str] = ""
    """The property whose object takes the place of this one wherever it is referred to."""
    holds_routes: ClassVar[bool] = False
    """Does it lead to the routes of a directory?"""
    deprecated: ClassVar[str] = ""
    """What replaces the type, if it is deprecated."""
    example: ClassVar[Mapping[str, Any]] = {}
    """A valid declaration."""
    extension: ClassVar[bool] = False
    """Is it Gatewright's own, not PingGateway's?"""

    _object_name: str = PrivateAttr(default="")

    def model_post_init(self, _: Any) -> None:
        # pydantic finds private attributes through `__getattr__`, at 1.3 µs a read (measured). Kept where Python looks
        # first, they are attributes as any other; pydantic goes on writing to the same place.
        if self.__pydantic_private__ is not self.__dict__:
            self.__dict__.update(self.__pydantic_private__ or {})
            object.__setattr__(self, "__pydantic_private__", self.__dict__)

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
