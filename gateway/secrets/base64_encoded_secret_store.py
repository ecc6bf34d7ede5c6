"""Base64EncodedSecretStore: passwords written into the configuration; for tests and evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, PrivateAttr

from config.types import Static
from gateway.secrets.base import SecretStore
from gateway.secrets.leases import Unreadable
from gateway.secrets.property_format import decode_base64
from gateway.secrets.secret import GenericSecret, Secret

if TYPE_CHECKING:
    from config.heap import Heap


class Base64EncodedSecretStore(SecretStore):
    """Holds secrets that the configuration itself has, as base64."""

    secrets: Static[dict[str, Static[str]]] = Field(repr=False)
    """Secret IDs and their secrets, base64-encoded."""

    example: ClassVar = {"type": "Base64EncodedSecretStore", "config": {"secrets": {"agent.secret.id": "cGFzc3dvcmQ="}}}
    holds: ClassVar = (GenericSecret,)

    _secrets: dict[str, GenericSecret] = PrivateAttr(default_factory=dict)

    def verify(self) -> Iterator[tuple[str, str, str]]:
        for secret_id, text in self.secrets.items():
            try:
                decode_base64(text)
            except Unreadable as error:
                yield (
                    "secrets",
                    f'the secret "{secret_id}" is not readable: {error}',
                    "encode it: printf %s ... | base64",
                )

    def prepare(self, heap: Heap) -> None:
        self._secrets = {name: GenericSecret(decode_base64(text), name) for name, text in self.secrets.items()}

    async def candidates(self, secret_id: str, stable_id: str | None) -> Sequence[Secret]:
        secret = self._secrets.get(secret_id)
        return () if secret is None else (secret,)
