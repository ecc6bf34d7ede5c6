"""FileSystemSecretStore: each secret in its own file of one directory, in versions when they are configured.

Follows secrets-howto.md, section 6. With autoRefresh a changed file is noticed by its signature (time, size, inode) at
the next query, which needs no watcher and misses nothing.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from pydantic import Field, PrivateAttr

from config.declaration import NoEffect, Properties
from config.types import Duration, Ref, Static
from expr.diagnostic import Diagnostic, DiagnosticError
from expr.source import Source, Span
from gateway.objects.scheduled_executor_service import ScheduledExecutorService
from gateway.secrets.base import SecretStore
from gateway.secrets.codes import SECRET_UNAVAILABLE
from gateway.secrets.leases import Leases, Signature, Unreadable, checked_lease, file_signature
from gateway.secrets.property_format import FormatMapping, SecretPropertyFormat, formats_by_id
from gateway.secrets.secret import Secret

if TYPE_CHECKING:
    from config.heap import Heap

MAXIMUM_FILE: Final = 2 * 1024 * 1024


class AutoRefresh(Properties):
    """Whether changes of files are noticed before a lease ends."""

    enabled: Static[bool] = True
    """Drop cached secrets when files change."""
    executor: Annotated[Ref[ScheduledExecutorService] | None, NoEffect("changes are noticed without a thread")] = None
    """What runs the watcher."""


class FileSystemSecretStore(SecretStore):
    """Reads each secret from its own file in one directory."""

    directory: Static[str]
    """The directory; sub-directories are not searched."""
    format: Ref[SecretPropertyFormat] = Field(default="BASE64")
    """Format of secrets without a mapping: BASE64, PLAIN, or a format object."""
    suffix: Static[str] = ""
    """What follows the secret ID in the name of its file, such as .pem."""
    versionSuffix: Static[str] = ""
    """What stands between the secret ID and the number of a version, such as .v."""
    mappings: list[FormatMapping] = []
    """Formats of single secrets."""
    leaseExpiry: Duration = Field(default="5 minutes")
    """How long a secret is used before it is read again."""
    autoRefresh: AutoRefresh = AutoRefresh.model_construct(enabled=True)
    """Whether changes of files are noticed before a lease ends."""

    example: ClassVar = {
        "type": "FileSystemSecretStore",
        "config": {"directory": "/etc/gateway/secrets", "format": "PLAIN"},
    }

    _formats: dict[str, SecretPropertyFormat] = PrivateAttr(default_factory=dict)
    _leases: Leases[Secret] = PrivateAttr()
    _place: tuple[Source, Span] = PrivateAttr()

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if not self.directory:
            yield "directory", "the directory of the secrets is empty", "write the path of a directory"

    def prepare(self, heap: Heap) -> None:
        self._place = heap.where(None)
        self._formats = formats_by_id(self.mappings)
        lease = checked_lease(self.object_name, self.leaseExpiry)
        self._leases = Leases(self.object_name or "FileSystemSecretStore", lease, time.monotonic)

    async def start(self) -> None:
        """Look for the directory, which must be there now."""
        if not os.access(self.directory, os.R_OK | os.X_OK):
            message = f'the directory "{self.directory}" of the secrets cannot be read'
            raise DiagnosticError([Diagnostic(SECRET_UNAVAILABLE, message, *self._place)])

    async def candidates(self, secret_id: str, stable_id: str | None) -> Sequence[Secret]:
        names = await asyncio.to_thread(self._versions, secret_id) if self.versionSuffix else [secret_id]
        wanted = names if stable_id is None else [name for name in names if name == stable_id]
        found = [await self._secret(secret_id, name) for name in wanted]
        return [secret for secret in found if secret is not None]

    def tried(self, secret_id: str) -> str:
        if self._signature(self._path(secret_id)) is not None:
            return f"the file {secret_id}{self.suffix} holds nothing that can be read in its format"
        return f"there is no file {secret_id}{self.suffix}"

    async def _secret(self, secret_id: str, name: str) -> Secret | None:
        path = self._path(name)
        signature = self._signature(path)
        if signature is None:
            self._leases.forget(name)
            return None

        async def read() -> Secret:
            text = await asyncio.to_thread(_read, path)
            return await self._formats.get(secret_id, self.format).decode(text, name)

        return await self._leases.get(name, signature if self.autoRefresh.enabled else None, read)

    def _path(self, name: str) -> Path:
        return Path(self.directory) / f"{name}{self.suffix}"

    def _signature(self, path: Path) -> Signature | None:
        """What tells one content of a file from another; None for what is no secret's file."""
        return file_signature(path, MAXIMUM_FILE) if path.parent == Path(self.directory) else None

    def _versions(self, secret_id: str) -> list[str]:
        """Names without suffix of the files of a secret, newest version first, the one without version last."""
        form = re.compile(re.escape(secret_id + self.versionSuffix) + "([0-9]+)")
        versions: list[tuple[int, int, str]] = []
        try:
            names = [path.name for path in Path(self.directory).iterdir()]
        except OSError:
            return []
        for file in names:
            name = file[: len(file) - len(self.suffix)] if self.suffix and file.endswith(self.suffix) else file
            if self.suffix and name == file:
                continue
            if name == secret_id:
                versions.append((-1, 0, name))
            elif match := form.fullmatch(name):
                versions.append((int(match[1]), len(match[1]) - len(match[1].lstrip("0")), name))
        return [name for _, _, name in sorted(versions, reverse=True)]


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("its file is not UTF-8") from None
    except OSError as error:
        raise Unreadable(f"its file cannot be read ({error.strerror})") from None
