"""JwkSetSecretStore: the keys of a JSON Web Key Set at a URL, whatever ID is asked for.

Follows secrets-howto.md, section 6: the set is fetched when first needed and kept for cacheTimeout; an unknown kid
fetches it again, unless another did so recently. A set that cannot be fetched leaves the last good one in use.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import unquote, urlsplit

from pydantic import Field, PrivateAttr

from config.types import Duration, Ref, Static
from gateway.handlers.base import Handler
from gateway.http.connection import INTERNAL
from gateway.http.context import ExchangeContext
from gateway.http.message import Request
from gateway.secrets.base import SecretStore
from gateway.secrets.leases import REFRESH_FAILURES, RETRY, Unreadable, checked_lease
from gateway.secrets.secret import CryptoKey, Secret

if TYPE_CHECKING:
    from config.heap import Heap

MAXIMUM_SET: Final = 2 * 1024 * 1024
SHORTEST_TIMEOUT: Final = 10.0
DEFAULT_TIMEOUT: Final = 120.0


class JwkSetSecretStore(SecretStore):
    """Reads keys from a JSON Web Key Set."""

    jwkUrl: Static[str]
    """Where the set is: an http, https or file URL."""
    handler: Ref[Handler] = Field(default="ClientHandler")
    """What fetches a remote set."""
    cacheTimeout: Duration = Field(default="2 minutes")
    """How long a set that was fetched is used; at least 10 seconds."""
    cacheMissCacheTime: Duration = Field(default="2 minutes")
    """After an unknown kid made the set be fetched again: how long others do not."""
    leaseExpiry: Duration = Field(default="5 minutes")
    """How long a key is used before it is read again."""

    example: ClassVar = {
        "type": "JwkSetSecretStore",
        "config": {"jwkUrl": "https://am.example.com/am/oauth2/connect/jwk_uri", "cacheTimeout": "5 minutes"},
    }
    holds: ClassVar = (CryptoKey,)

    _keys: list[CryptoKey] | None = PrivateAttr(default=None)
    _expires: float = PrivateAttr(default=0.0)
    _miss_allowed: float = PrivateAttr(default=0.0)
    _lifetime: float = PrivateAttr(default=DEFAULT_TIMEOUT)
    _failing: bool = PrivateAttr(default=False)
    _lock: asyncio.Lock = PrivateAttr(default_factory=asyncio.Lock)
    _clock: Callable[[], float] = PrivateAttr(default=time.monotonic)

    def verify(self) -> Iterator[tuple[str, str, str]]:
        parts = urlsplit(self.jwkUrl)
        if not (parts.scheme in ("http", "https") and parts.netloc) and not (parts.scheme == "file" and parts.path):
            yield (
                "jwkUrl",
                f'"{self.jwkUrl}" is not an http, https or file URL',
                "write https://host/path or file:///path",
            )

    def prepare(self, heap: Heap) -> None:
        lease = checked_lease(self.object_name, self.leaseExpiry)
        timeout = self.cacheTimeout
        if not SHORTEST_TIMEOUT <= timeout < float("inf"):
            self.log.warning(
                "%s: cacheTimeout is at least 10 seconds, and not unlimited; 2 minutes are used", self.object_name
            )
            timeout = DEFAULT_TIMEOUT
        self._lifetime = min(timeout, lease)

    async def candidates(self, secret_id: str, stable_id: str | None) -> Sequence[Secret]:
        if self._clock() >= self._expires:
            async with self._lock:
                if self._clock() >= self._expires:
                    await self._fetch()
        if stable_id is not None and not any(key.stable_id == stable_id for key in self._keys or ()):
            await self._fetch_for_miss(stable_id)
        return self._keys or ()

    def tried(self, secret_id: str) -> str:
        return (
            f"the set at {self.jwkUrl} has no key for this" if self._keys else f"the set at {self.jwkUrl} has no keys"
        )

    async def _fetch_for_miss(self, stable_id: str) -> None:
        """Fetch the set again for a kid it did not have, as new keys appear; guesses cost one fetch a while."""
        async with self._lock:
            known = any(key.stable_id == stable_id for key in self._keys or ())
            if not known and self._clock() >= self._miss_allowed:
                self._miss_allowed = self._clock() + self.cacheMissCacheTime
                await self._fetch()

    async def _fetch(self) -> None:
        from gateway.jose.keys import keys_of_set

        try:
            keys, skipped = keys_of_set(await self._document())
        except Exception as error:  # whatever the handler raises, the keys that are known stay
            self._failed(error)
            return
        if skipped:
            self.log.info("%s: %d keys of the set at %s are not understood", self.object_name, skipped, self.jwkUrl)
        self._keys, self._failing = keys, False
        self._expires = self._clock() + self._lifetime

    def _failed(self, error: Exception) -> None:
        if not self._failing:
            outcome = "the keys read before stay in use" if self._keys else "there are no keys"
            text = str(error) if isinstance(error, Unreadable | ValueError) else type(error).__name__
            self.log.warning("%s: the set at %s cannot be read, %s: %s", self.object_name, self.jwkUrl, outcome, text)
        if self._keys:
            REFRESH_FAILURES.add(self.object_name)
        self._failing = True
        self._expires = self._clock() + (SHORTEST_TIMEOUT if self._keys else RETRY)

    async def _document(self) -> bytes:
        parts = urlsplit(self.jwkUrl)
        if parts.scheme == "file":
            return await asyncio.to_thread(_read, Path(unquote(parts.path)))
        request = Request("GET", self.jwkUrl)
        request.headers.set("Accept", "application/json")
        response = await self.handler.handle(ExchangeContext(INTERNAL, request), request)
        try:
            if response.status.code != 200:
                raise Unreadable(f"the answer is {response.status.code}")
            document = bytearray()
            async for part in response.entity.stream():
                document += part
                if len(document) > MAXIMUM_SET:
                    raise Unreadable("it is too large")
            return bytes(document)
        finally:
            response.close()


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAXIMUM_SET:
            raise Unreadable("it is too large")
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"its file cannot be read ({error.strerror})") from None
