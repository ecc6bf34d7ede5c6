"""A Redis server that gateways share: where it is, and how its failures show. An extension of Gatewright.

The client is imported and connected when it is first used, so a configuration without Redis pays nothing for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import Field, PrivateAttr, field_validator

from config.codes import INVALID_VALUE
from config.declaration import Properties
from config.problem import problem
from config.types import Duration, SecretId, Static
from gateway.errors import ExchangeError
from gateway.secrets.base import Secrets

if TYPE_CHECKING:
    from redis.asyncio import Redis

T = TypeVar("T")
SCHEMES = ("redis://", "rediss://", "unix://")
CONNECTIONS = 16


class RedisUnavailable(Exception):
    """Redis did not answer, or refused; the message names neither credentials nor keys."""


class RedisConnection(Properties):
    """The Redis server whose contents several gateways share."""

    url: Static[str]
    """Where the server is: `redis://HOST:PORT/DATABASE`, `rediss://` for TLS, `unix://PATH` for a socket."""
    username: Static[str] | None = None
    """User of an access control list; the default user without one."""
    passwordSecretId: SecretId | None = None
    """Secret id of the password; needs secretsProvider."""
    secretsProvider: Secrets | None = None
    """Provider of the password."""
    timeout: Duration = Field(default="500 ms")
    """How long to wait for an answer before doing without the server; 500 milliseconds by default."""

    _client: Redis | None = PrivateAttr(default=None)
    _scripts: dict[str, Any] = PrivateAttr(default_factory=dict)

    @field_validator("url", mode="after")
    @classmethod
    def _redis_url(cls, value: Any) -> Any:
        if not value.startswith(SCHEMES):
            raise problem(INVALID_VALUE, "not the URL of a Redis server", f"begin it with one of {', '.join(SCHEMES)}")
        return value

    def problems(self, name: str) -> Iterator[tuple[str, str, str]]:
        """Rules across properties, for the `verify` of the object that holds this one as a property of a name."""
        if self.passwordSecretId is not None and self.secretsProvider is None:
            yield name, "a password needs a secrets provider", 'add "secretsProvider"'

    async def script(self, source: str, keys: Sequence[str], arguments: Sequence[str]) -> str:
        """Run a Lua script, sent once and then called by its digest; raises RedisUnavailable."""

        async def run(client: Redis) -> Any:
            known = self._scripts.get(source)
            if known is None:
                known = self._scripts[source] = client.register_script(source)
            return await known(keys=list(keys), args=list(arguments))

        return str(await self.ask(run))

    async def ask(self, question: Callable[[Redis], Awaitable[T]]) -> T:
        """The answer to a question of the client; raises RedisUnavailable when there is none in time.

        The message names the kind of the failure only: the library's own text may quote what was to be kept.
        """
        try:
            from redis.exceptions import RedisError
        except ImportError:
            raise RedisUnavailable("the Python package redis is not installed") from None
        try:
            async with asyncio.timeout(self.timeout):
                return await question(self._connected())
        except (RedisError, OSError, TimeoutError, ExchangeError) as error:
            raise RedisUnavailable(type(error).__name__) from error

    async def close(self) -> None:
        """Close the connections; a later use opens new ones."""
        client, self._client = self._client, None
        self._scripts.clear()
        if client is not None:
            await client.aclose()
            await client.connection_pool.disconnect()

    def _connected(self) -> Redis:
        if self._client is None:
            from redis.asyncio import BlockingConnectionPool, Redis

            pool = BlockingConnectionPool.from_url(
                self.url,
                max_connections=CONNECTIONS,
                timeout=self.timeout,
                socket_timeout=self.timeout,
                socket_connect_timeout=self.timeout,
                retry=_no_retry(),
                decode_responses=True,
                **({} if self.passwordSecretId is None else {"credential_provider": _credentials(self)}),
            )
            self._client = Redis(connection_pool=pool)
        return self._client


def _no_retry() -> Any:
    # Whoever asks has something better to do than to wait: the request is under way.
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    return Retry(NoBackoff(), 0)


def _credentials(redis: RedisConnection) -> Any:
    """Asks the secrets provider for each new connection, so that a changed password is noticed."""
    from redis.credentials import CredentialProvider

    class FromSecrets(CredentialProvider):
        def get_credentials(self) -> Any:
            raise TypeError("the credentials are read asynchronously")

        async def get_credentials_async(self) -> Any:
            assert redis.secretsProvider is not None
            assert redis.passwordSecretId is not None
            password = await redis.secretsProvider.password(redis.passwordSecretId)
            text = password.reveal_text()
            return (redis.username, text) if redis.username else (text,)

    return FromSecrets()
