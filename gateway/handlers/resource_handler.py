"""ResourceHandler: serves files from directories. Files are read beside the event loop and streamed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC
from email.utils import formatdate, parsedate_to_datetime
from functools import cache
from mimetypes import MimeTypes
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, ClassVar, NamedTuple

from pydantic import PrivateAttr

from config.declaration import NoEffect
from config.types import Ref, Static
from gateway.handlers.base import Handler
from gateway.http.headers import Headers
from gateway.http.message import Response
from gateway.objects.temporary_storage import TemporaryStorage

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.context import Context
    from gateway.http.message import Request

_PIECE = 64 * 1024


class Resource(NamedTuple):
    """An open file and what is known of it."""

    file: IO[bytes]
    size: int
    modified: int
    """Seconds since the epoch."""


class ResourceHandler(Handler):
    """Serves files from directories. Methods other than GET get 405, what is not there 404.

    The request path behind `basePath` names the file; a path that would leave the directory names none.
    """

    directories: list[Static[str]]
    """The directories, searched in order; the first that has the file wins."""
    basePath: Static[str] = ""
    """The part of the request path in front of the file path; none by default."""
    welcomePages: list[Static[str]] = []
    """Names of files that are tried in order when the path is the base itself."""
    temporaryStorage: Annotated[Ref[TemporaryStorage] | None, NoEffect("files are streamed")] = None
    """Holds the content of files, in PingGateway."""

    example: ClassVar = {
        "type": "ResourceHandler",
        "config": {"directories": ["/srv/site"], "basePath": "/static", "welcomePages": ["index.html"]},
    }

    _base: str = PrivateAttr()
    _directories: list[Path] = PrivateAttr()

    def prepare(self, heap: Heap) -> None:
        trimmed = self.basePath.strip("/")
        self._base = f"/{trimmed}" if trimmed else ""
        self._directories = [Path(directory) for directory in self.directories]

    async def handle(self, context: Context, request: Request) -> Response:
        if request.method != "GET":
            return Response(405, Headers([("Allow", "GET")]))
        path = request.uri.path
        if path == self._base:
            return _with_slash_appended(request)
        if not path.startswith(f"{self._base}/"):
            return Response(404)
        rest = path[len(self._base) + 1 :]
        return await self._first_of([rest] if rest else self.welcomePages, request)

    async def _first_of(self, names: list[str], request: Request) -> Response:
        for name in names:
            if (found := await asyncio.to_thread(self._open, name)) is not None:
                return _response(name, found, request)
        return Response(404)

    def _open(self, name: str) -> Resource | None:
        parts = name.split("/")
        if any(part in {"", ".", ".."} or "\0" in part or "\\" in part for part in parts):
            return None
        for directory in self._directories:
            if (found := _open_below(directory, parts)) is not None:
                return found
        return None


def _open_below(directory: Path, parts: list[str]) -> Resource | None:
    """A regular file of a directory; a link that leads out of it leads nowhere."""
    try:
        path = directory.joinpath(*parts).resolve(strict=True)
        if not path.is_relative_to(directory.resolve()) or not path.is_file():
            return None
        file = path.open("rb")
    except (OSError, ValueError):
        return None
    stat = os.fstat(file.fileno())
    return Resource(file, stat.st_size, int(stat.st_mtime))


def _with_slash_appended(request: Request) -> Response:
    target = request.uri.copy()
    target.raw_path = f"{target.raw_path}/"
    return Response(302, Headers([("Location", target.to_ascii())]))


def _response(name: str, resource: Resource, request: Request) -> Response:
    headers = Headers([("Last-Modified", formatdate(resource.modified, usegmt=True))])
    since = _seconds(request.headers.first("If-Modified-Since"))
    if since is not None and resource.modified <= since:
        resource.file.close()
        return Response(304, headers)
    if (content_type := _content_type(name)) is not None:
        headers.set("Content-Type", content_type)
    headers.set("Content-Length", str(resource.size))
    return Response(200, headers, FileBody(resource.file, resource.size))


def _seconds(date: str | None) -> int | None:
    try:
        moment = parsedate_to_datetime(date or "")
    except ValueError:
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


@cache
def _types() -> MimeTypes:
    """The types that Python knows itself: the same on every machine."""
    return MimeTypes()


def _content_type(name: str) -> str | None:
    content_type, coding = _types().guess_type(name)
    return {None: content_type, "gzip": "application/gzip"}.get(coding)


class FileBody:
    """The content of an open file as a body that is read piece by piece."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self.length: int | None = length
        self._file = file

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self.length or 0
        try:
            while left > 0:
                piece = await asyncio.to_thread(self._file.read, min(left, _PIECE))
                if not piece:
                    return
                left -= len(piece)
                yield piece
        finally:
            self.close()

    def close(self) -> None:
        self._file.close()
