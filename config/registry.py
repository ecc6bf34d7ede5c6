"""The object types that exist, found by their documented names and imported when first asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from config.declaration import HeapObject
from config.loading import RuntimeSupport

ENTRY_POINTS = "gatewright.objects"
"""Third-party packages add types here: the name of the entry point is the type's name."""


@dataclass
class Registry:
    """Every type that a configuration can name, and what documentation says of those that it cannot."""

    packages: tuple[str, ...]
    """Packages with a `TYPES` tuple: a documented name, or a tuple of the name and its older names."""
    runtime: RuntimeSupport
    documented: frozenset[str] = frozenset()
    """Names of all documented types, run here or not."""
    removed: Mapping[str, str] = field(default_factory=dict)
    """Types that older versions had -> what to use instead."""
    removed_properties: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Types -> properties that older versions had -> what to write instead."""
    contexts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Contexts that documentation knows -> the types that provide them."""
    _modules: dict[str, tuple[str, str]] = field(default_factory=dict, init=False)
    _classes: dict[str, type[HeapObject]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for package in self.packages:
            for entry in import_module(package).TYPES:
                name, *aliases = (entry,) if isinstance(entry, str) else entry
                for alias in (name, *aliases):
                    if alias in self._modules:
                        raise ValueError(f"the type {alias} is registered twice")
                    self._modules[alias] = (f"{package}.{snake_case(class_name(name))}", name)

    def find(self, type_name: str) -> type[HeapObject] | None:
        """The class of a type, or None if there is none of that name."""
        found = self._classes.get(type_name)
        if found is None and (found := self._import(type_name)) is not None:
            self._classes[type_name] = found
        return found

    def get(self, type_name: str) -> type[HeapObject]:
        """The class of a type that is known to exist."""
        found = self.find(type_name)
        if found is None:
            raise LookupError(type_name)
        return found

    def knows(self, type_name: str) -> bool:
        """Is there a type of that name? Imports nothing."""
        return type_name in self._modules or any(entry.name == type_name for entry in _third_party())

    def canonical(self, type_name: str) -> str:
        """The name of today for a type name, which may be an older one."""
        return self._modules[type_name][1] if type_name in self._modules else type_name

    def names(self) -> list[str]:
        """The names of today, sorted, with those of third-party packages."""
        return sorted({name for _, name in self._modules.values()} | {entry.name for entry in _third_party()})

    def aliases(self, type_name: str) -> list[str]:
        """Other names of a type, sorted."""
        return sorted(a for a, (_, name) in self._modules.items() if name == type_name and a != name)

    def documented_only(self) -> list[str]:
        """Types that are documented and do not run here, sorted."""
        return sorted(name for name in self.documented if not self.knows(name))

    def known_names(self) -> Iterator[str]:
        """All names that somebody may have meant."""
        yield from self._modules
        yield from self.documented

    def _import(self, type_name: str) -> type[HeapObject] | None:
        if type_name in self._modules:
            module, name = self._modules[type_name]
            return getattr(import_module(module), class_name(name))  # type: ignore[no-any-return]
        for entry in _third_party():
            if entry.name == type_name:
                return entry.load()  # type: ignore[no-any-return]
        return None


@cache
def _third_party() -> tuple[Any, ...]:
    from importlib.metadata import entry_points

    return tuple(entry_points(group=ENTRY_POINTS))


def class_name(type_name: str) -> str:
    """Name of the class of a type; documented names of audit handlers are dotted."""
    return type_name.rpartition(".")[2]


def snake_case(name: str) -> str:
    """HeaderFilter -> header_filter, OAuth2TokenExchangeFilter -> oauth2_token_exchange_filter."""
    words = re.sub(r"OAuth2", "Oauth2", name)
    words = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", words)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", words).lower()
