"""What can be asked for secrets: a store, or several queried as one; and `secretsProvider` as a type of property.

Follows secrets-howto.md, sections 1 to 4. A query asks for the active secret (to produce something), the one named by
a stable ID, or all valid ones (to consume something); a store answers from its candidates, of which the base keeps
those whose type and constraints fit.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, TypeAlias, cast

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from config.codes import WRONG_TYPE
from config.declaration import HeapObject
from config.loading import Loading
from config.problem import problem
from config.types import kind_of
from config.values import Unknown
from gateway.secrets.secret import CryptoKey, GenericSecret, NoSuchSecret, Purpose, Secret


class SecretsSource(ABC):
    """An ordered list of stores that is queried as one; a store is the list of itself."""

    @abstractmethod
    def secret_stores(self) -> Sequence[SecretStore]:
        """The stores, in the order of the query."""

    async def active(self, secret_id: str, purpose: Purpose, *, algorithm: str | None = None) -> Secret:
        """Return the secret to produce something with: the first store's that has one; raise NoSuchSecret."""
        reasons = []
        for store in self.secret_stores():
            if not store.can_hold(purpose):
                continue
            found, reason = await store.fitting(secret_id, purpose, algorithm)
            if found:
                return found[0]
            reasons.append(reason)
        raise NoSuchSecret(secret_id, purpose, details="; ".join(reasons) or "no store can hold this type")

    async def named(self, secret_id: str, purpose: Purpose, stable_id: str, *, algorithm: str | None = None) -> Secret:
        """Return the one secret that has a stable ID; raise NoSuchSecret."""
        for store in self.secret_stores():
            if store.can_hold(purpose):
                found, _ = await store.fitting(secret_id, purpose, algorithm, stable_id)
                if found:
                    return found[0]
        raise NoSuchSecret(secret_id, purpose, stable_id=stable_id)

    async def valid(self, secret_id: str, purpose: Purpose, *, algorithm: str | None = None) -> list[Secret]:
        """Return every fitting secret, stores in order and each store's in its own order; possibly none."""
        result: list[Secret] = []
        for store in self.secret_stores():
            if store.can_hold(purpose):
                found, _ = await store.fitting(secret_id, purpose, algorithm)
                result.extend(found)
        return result

    async def named_or_valid(
        self, secret_id: str, purpose: Purpose, stable_id: str | None, *, algorithm: str | None = None
    ) -> list[Secret]:
        """Return the named secret alone when there is one, else every valid one: the order to verify and decrypt in."""
        if stable_id is not None:
            try:
                return [await self.named(secret_id, purpose, stable_id, algorithm=algorithm)]
            except NoSuchSecret:
                log.debug("no secret of '%s' has the key id that was asked for; all valid ones are tried", secret_id)
        return await self.valid(secret_id, purpose, algorithm=algorithm)

    async def password(self, secret_id: str) -> GenericSecret:
        """Return the active password of an ID; raise NoSuchSecret."""
        return cast(GenericSecret, await self.active(secret_id, Purpose.PASSWORD))

    async def key(self, secret_id: str, purpose: Purpose, *, algorithm: str | None = None) -> CryptoKey:
        """Return the active key of an ID; raise NoSuchSecret."""
        return cast(CryptoKey, await self.active(secret_id, purpose, algorithm=algorithm))


log = logging.getLogger("gatewright.secrets")


class SecretStore(HeapObject, SecretsSource):
    """Where secrets come from."""

    holds: ClassVar[tuple[type, ...]] = (GenericSecret, CryptoKey)
    """The types of secret that the store can hold; it is not asked for others."""

    @abstractmethod
    async def candidates(self, secret_id: str, stable_id: str | None) -> Sequence[Secret]:
        """Every secret of an ID, the active one first, or only the one with a stable ID when one is given.

        A store that cannot read (an unreadable file, an unreachable URL) logs why, without content, and has none.
        """

    def tried(self, secret_id: str) -> str:
        """Say where an ID was looked for, for error messages."""
        return f"it has no '{secret_id}'"

    def secret_stores(self) -> Sequence[SecretStore]:
        return (self,)

    def can_hold(self, purpose: Purpose) -> bool:
        """Is the store worth asking?"""
        return (GenericSecret if purpose is Purpose.PASSWORD else CryptoKey) in self.holds

    async def fitting(
        self, secret_id: str, purpose: Purpose, algorithm: str | None, stable_id: str | None = None
    ) -> tuple[list[Secret], str]:
        """The candidates that serve a purpose, and, when there are none, why not."""
        found: list[Secret] = []
        reasons: list[str] = []
        for secret in await self.candidates(secret_id, stable_id):
            if stable_id is not None and secret.stable_id != stable_id:
                continue
            reason = secret.unfit(purpose, algorithm)
            if reason is None:
                found.append(secret)
            else:
                reasons.append(f"'{secret.stable_id}' does not fit, {reason}")
        if found:
            return found, ""
        return [], f"{self.object_name or type(self).__name__}: {'; '.join(reasons) or self.tried(secret_id)}"


class SecretStores(SecretsSource):
    """Several stores and providers, in order: what an array in `secretsProvider` means."""

    def __init__(self, sources: Sequence[SecretsSource]) -> None:
        self._sources = sources

    def secret_stores(self) -> Sequence[SecretStore]:
        return [store for source in self._sources for store in source.secret_stores()]


class _SecretsReference:
    """Resolves a name, an inline declaration or an array of these to a SecretsSource."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        def validate(value: object, info: core_schema.ValidationInfo) -> object:
            if isinstance(value, SecretsSource):
                return value
            loading: Loading = info.context  # type: ignore[assignment]
            name = info.field_name or ""
            if isinstance(value, list):
                return SecretStores([_reference(item, loading, name) for item in value])
            return _reference(value, loading, name)

        return core_schema.with_info_plain_validator_function(validate)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        from config.emit.fragments import one_or_more, reference

        return one_or_more(reference(SecretsSource.__name__, "SecretsProvider"))


def _reference(value: object, loading: Loading, name: str) -> SecretsSource:
    if not isinstance(value, str | dict | Unknown):
        hint = 'write the name of a secret store, an inline {"type": ..., "config": ...}, or an array of these'
        raise problem(WRONG_TYPE, f"expected a secrets provider, found {kind_of(value)}", hint)
    return cast(SecretsSource, loading.reference(value, SecretsSource, name))


Secrets: TypeAlias = Annotated[SecretsSource, _SecretsReference()]
"""The `secretsProvider` property: a SecretsProvider or store by name or inline, or an array of these."""
