"""SecretsProvider: an ordered list of secret stores under one name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from config.declaration import HeapObject
from config.types import OneOrMore, Ref
from gateway.secrets.base import SecretsSource, SecretStore


class SecretsProvider(HeapObject, SecretsSource):
    """Asks several secret stores, in order."""

    stores: OneOrMore[Ref[SecretStore]]
    """The stores, in the order in which they are asked."""

    example: ClassVar = {"type": "SecretsProvider", "config": {"stores": [{"type": "SystemAndEnvSecretStore"}]}}

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if not self.stores:
            yield "stores", "a secrets provider needs at least one store", "add the name of a store, or an inline store"

    def secret_stores(self) -> Sequence[SecretStore]:
        return self.stores
