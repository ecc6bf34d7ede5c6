"""KeyStoreSecretStore: keys and certificates of a Java keystore, by alias.

Follows secrets-howto.md, section 6. A keystore that cannot be opened stops the load; one that is replaced by something
unreadable later leaves the entries that were read in use.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field, PrivateAttr

from config.declaration import NoEffect, Properties
from config.types import Duration, Pattern, SecretId, Static
from expr.diagnostic import Diagnostic, DiagnosticError
from expr.source import Source, Span
from gateway.secrets.base import Secrets, SecretStore
from gateway.secrets.codes import SECRET_UNAVAILABLE
from gateway.secrets.file_system_secret_store import AutoRefresh
from gateway.secrets.keystore_entry import Entries, KeystoreError
from gateway.secrets.leases import Leases, Signature, Unreadable, checked_lease, file_signature
from gateway.secrets.secret import NoSuchSecret, Purpose, Secret

if TYPE_CHECKING:
    from config.heap import Heap

READABLE = ("PKCS12", "JKS", "JCEKS")
_ALIASES = {"P12": "PKCS12", "PFX": "PKCS12"}


class AliasMapping(Properties):
    """Which aliases are the secrets of one ID."""

    secretId: SecretId
    """ID of the secret."""
    aliases: list[Static[str]] | None = None
    """Aliases, the first of which is the active secret."""
    aliasesMatching: list[Pattern] | None = None
    """Regular expressions; every alias that one of them matches."""


class KeyStoreSecretStore(SecretStore):
    """Reads keys and certificates from a keystore file."""

    file: Static[str]
    """Path of the keystore."""
    storeType: Static[str] = "PKCS12"
    """Type of the keystore: PKCS12, JKS or JCEKS."""
    storePasswordSecretId: SecretId | None = None
    """Password of the keystore; none opens it without one."""
    entryPasswordSecretId: SecretId | None = None
    """Password of the entries, when it is another."""
    secretsProvider: Secrets
    """Where the passwords are."""
    mappings: list[AliasMapping]
    """Which aliases are the secrets of which ID."""
    leaseExpiry: Duration = Field(default="5 minutes")
    """How long a secret is used before it is read again."""
    securityProvider: Annotated[Static[str] | None, NoEffect("there are no Java security providers")] = None
    """Name of the Java security provider that opens the keystore."""
    autoRefresh: AutoRefresh = AutoRefresh.model_construct(enabled=True)
    """Whether a change of the file is noticed before a lease ends."""

    removed: ClassVar = {
        "storePassword": "use storePasswordSecretId with a secretsProvider",
        "keyEntryPassword": "use entryPasswordSecretId with a secretsProvider",
    }
    example: ClassVar = {
        "type": "KeyStoreSecretStore",
        "config": {
            "file": "/etc/gateway/keys.p12",
            "storePasswordSecretId": "ks.pass",
            "secretsProvider": {"type": "SystemAndEnvSecretStore"},
            "mappings": [{"secretId": "token.signing", "aliases": ["key-2026", "key-2025"]}],
        },
    }

    _leases: Leases[Entries] = PrivateAttr()
    _mappings: dict[str, AliasMapping] = PrivateAttr(default_factory=dict)
    _place: tuple[Source, Span] = PrivateAttr()

    @property
    def _type(self) -> str:
        return _ALIASES.get(self.storeType.upper(), self.storeType.upper())

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if self._type not in READABLE:
            yield "storeType", f'keystores of type "{self.storeType}" cannot be read', f"use {', '.join(READABLE)}"
        seen: set[str] = set()
        for mapping in self.mappings:
            if (mapping.aliases is None) == (mapping.aliasesMatching is None):
                advice = "give either aliases or aliasesMatching"
                yield (
                    "mappings",
                    f'the mapping of "{mapping.secretId}" needs one of aliases and aliasesMatching',
                    advice,
                )
            if mapping.secretId in seen:
                yield "mappings", f'"{mapping.secretId}" is mapped twice', "list all its aliases in one mapping"
            seen.add(mapping.secretId)

    def prepare(self, heap: Heap) -> None:
        self._place = heap.where(None)
        self._mappings = {mapping.secretId: mapping for mapping in self.mappings}
        lease = checked_lease(self.object_name, self.leaseExpiry)
        self._leases = Leases(self.object_name or "KeyStoreSecretStore", lease, time.monotonic)

    async def start(self) -> None:
        """Open the keystore, which must be possible now."""
        try:
            signature = self._signature()
            self._leases.keep(self.file, signature, await self._read())
        except Unreadable as error:
            raise DiagnosticError([Diagnostic(SECRET_UNAVAILABLE, str(error), *self._place)]) from None

    async def candidates(self, secret_id: str, stable_id: str | None) -> Sequence[Secret]:
        mapping = self._mappings.get(secret_id)
        entries = await self._entries() if mapping is not None else None
        if mapping is None or entries is None:
            return ()
        return [secret for alias in _chosen(mapping, entries) for secret in entries[alias]]

    def tried(self, secret_id: str) -> str:
        mapping = self._mappings.get(secret_id)
        if mapping is None:
            return f"it has no mapping of '{secret_id}'"
        return f"the keystore {self.file} has none of the aliases of '{secret_id}'"

    async def fitting(
        self, secret_id: str, purpose: Purpose, algorithm: str | None, stable_id: str | None = None
    ) -> tuple[list[Secret], str]:
        # Key tools lower-case aliases, so the comparison ignores case.
        return await super().fitting(secret_id, purpose, algorithm, stable_id.lower() if stable_id else stable_id)

    async def _entries(self) -> Entries | None:
        return await self._leases.get(self.file, self._signature(), self._read)

    def _signature(self) -> Signature | None:
        return file_signature(Path(self.file)) if self.autoRefresh.enabled else None

    async def _read(self) -> Entries:
        try:
            password = await self._password(self.storePasswordSecretId)
            entry_password = await self._password(self.entryPasswordSecretId)
            return await asyncio.to_thread(_read, self.file, self._type, password, entry_password)
        except OSError as error:
            raise Unreadable(f"the keystore {self.file} cannot be read ({error.strerror})") from None
        except KeystoreError as error:
            raise Unreadable(f"the keystore {self.file} ({self._type}) cannot be opened: {error}") from None
        except NoSuchSecret as error:
            raise Unreadable(f"the keystore {self.file} cannot be opened: {error}") from None

    async def _password(self, secret_id: str | None) -> str | None:
        return None if secret_id is None else (await self.secretsProvider.password(secret_id)).reveal_text()


def _chosen(mapping: AliasMapping, entries: Entries) -> list[str]:
    if mapping.aliases is not None:
        return [alias.lower() for alias in mapping.aliases if alias.lower() in entries]
    return [alias for alias in entries if any(pattern.matches(alias) for pattern in mapping.aliasesMatching or ())]


def _read(file: str, store_type: str, password: str | None, entry_password: str | None) -> Entries:
    content = Path(file).read_bytes()
    if store_type == "PKCS12":
        from gateway.secrets.pkcs12 import read_pkcs12

        return read_pkcs12(content, password, entry_password)
    from gateway.secrets.java_keystore import read_java_keystore

    return read_java_keystore(content, store_type, password, entry_password)
