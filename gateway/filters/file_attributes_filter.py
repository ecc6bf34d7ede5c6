"""FileAttributesFilter: looks up a record of a delimiter-separated file. Follows the documented type of that name."""

from __future__ import annotations

import asyncio
import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import PrivateAttr

from config.declaration import Deprecated
from config.types import Ref, Runtime, Static, Target
from gateway.filters.base import Filter, Next
from gateway.filters.separated_values import SeparatedValues, Separator
from gateway.http.context import Context, InnerContext
from gateway.objects.scheduled_executor_service import ScheduledExecutorService

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.message import Request, Response


class FileAttributesContext(InnerContext, name="fileAttributes"):
    """The record that was found, empty if there was none."""


class FileAttributesFilter(Filter):
    """Looks up the first record of a file whose column has a value, for what follows.

    The record is `contexts.fileAttributes.record`. When nothing matches or the file cannot be read, it is empty and the
    request goes on. The file is read when a request comes, and again when it has changed.
    """

    file: Static[str]
    """Path of the file."""
    charset: Static[str] = "UTF-8"
    """Character encoding of the file; UTF-8 by default."""
    separator: Static[Separator] = Separator.COMMA
    """COMMA (default) or TAB, where double quotes enclose a value and two of them stand for one; or COLON, where a
    backslash takes the meaning from the character behind it."""
    header: Static[bool] = True
    """Is the first row a header, and no record? True by default."""
    fields: list[Static[str]] = []
    """Names of the columns, in order, instead of those in the header. Without either, they are called 0, 1, 2, ..."""
    target: Annotated[Target | None, Deprecated("read the record from ${contexts.fileAttributes.record}")] = None
    """Where to put the record too, such as ${attributes.credentials}. The file is searched when the request reaches
    the filter."""
    key: Static[str]
    """Name of the column that is searched."""
    value: Runtime[str]
    """Value that the column has to have; compared exactly, with case."""
    executorService: Ref[ScheduledExecutorService] | None = None
    """Threads that read the file; by default those of the process."""

    provides: ClassVar = {"next": ("fileAttributes",)}
    example: ClassVar = {
        "type": "FileAttributesFilter",
        "config": {
            "file": "/data/users.csv",
            "key": "email",
            "value": "${request.queryParams['mail'][0]}",
            "separator": "COMMA",
        },
    }

    _values: SeparatedValues = PrivateAttr()

    def verify(self) -> Iterator[tuple[str, str, str]]:
        try:
            codecs.lookup(self.charset)
        except LookupError:
            yield "charset", f'there is no character encoding "{self.charset}"', 'write "UTF-8", "ISO-8859-1", ...'

    def prepare(self, heap: Heap) -> None:
        self._values = SeparatedValues(
            Path(self.file),
            self.key,
            charset=self.charset,
            separator=self.separator,
            header=self.header,
            fields=self.fields,
        )

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        record = await self._record(await self.value(context, request))
        if self.target is not None:
            await self.target.set(record, context, request, None)
        return await next(FileAttributesContext(context, record=record), request)

    async def _record(self, value: str | None) -> dict[str, str]:
        """A copy of the record, which whoever gets it may change."""
        if value is None:
            return {}
        try:
            found = await self._in_thread(value)
        except (OSError, ValueError, csv.Error) as error:
            self.log.warning("%s: no record was looked up in %s: %s", self.object_name, self.file, _reason(error))
            return {}
        if found is None:
            self.log.info("%s: no record of %s has the value in column '%s'", self.object_name, self.file, self.key)
        return dict(found or {})

    async def _in_thread(self, value: str) -> dict[str, str] | None:
        if self.executorService is not None:
            return await self.executorService.run(lambda: self._values.find(value))
        return await asyncio.to_thread(self._values.find, value)


def _reason(error: Exception) -> str:
    """What went wrong; the message of a decoding error would quote the file."""
    if isinstance(error, UnicodeDecodeError):
        return f"it is not in the given character encoding ({error.reason})"
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)
