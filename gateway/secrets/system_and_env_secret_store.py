"""SystemAndEnvSecretStore: secrets in system properties (`-D name=value`) and environment variables."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, PrivateAttr

from config.types import Duration, Ref
from expr.scope import implicit
from gateway.secrets.base import SecretStore
from gateway.secrets.leases import Leases, checked_lease
from gateway.secrets.property_format import FormatMapping, SecretPropertyFormat, formats_by_id
from gateway.secrets.secret import Secret

if TYPE_CHECKING:
    from config.heap import Heap


class SystemAndEnvSecretStore(SecretStore):
    """Reads secrets from system properties and environment variables."""

    format: Ref[SecretPropertyFormat] = Field(default="BASE64")
    """Format of secrets without a mapping: BASE64, PLAIN, or a format object."""
    mappings: list[FormatMapping] = []
    """Formats of single secrets."""
    leaseExpiry: Duration = Field(default="5 minutes")
    """How long a secret is used before it is read again."""

    example: ClassVar = {"type": "SystemAndEnvSecretStore", "config": {"format": "PLAIN"}}

    _formats: dict[str, SecretPropertyFormat] = PrivateAttr(default_factory=dict)
    _leases: Leases[Secret] = PrivateAttr()

    def prepare(self, heap: Heap) -> None:
        self._formats = formats_by_id(self.mappings)
        lease = checked_lease(self.object_name, self.leaseExpiry)
        self._leases = Leases(self.object_name or "SystemAndEnvSecretStore", lease, time.monotonic)

    async def candidates(self, secret_id: str, stable_id: str | None) -> Sequence[Secret]:
        text = self._text(secret_id)
        if text is None:
            return ()

        async def read() -> Secret:
            return await self._formats.get(secret_id, self.format).decode(text, secret_id)

        secret = await self._leases.get(secret_id, hash(text), read)
        return () if secret is None else (secret,)

    def tried(self, secret_id: str) -> str:
        if self._text(secret_id) is not None:
            return f"'{secret_id}' cannot be read as {self._formats.get(secret_id, self.format).object_name}"
        return f"there is no system property '{secret_id}' and no variable {variable_name(secret_id)}"

    def _text(self, secret_id: str) -> str | None:
        value: Any = implicit.system.get(secret_id)
        return value if value is not None else implicit.env.get(variable_name(secret_id))


def variable_name(secret_id: str) -> str:
    """The environment variable of a secret ID: `agent.secret.id` is AGENT_SECRET_ID."""
    return secret_id.replace(".", "_").upper()
