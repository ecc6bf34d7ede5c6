"""SqlAttributesFilter: runs a prepared statement for its first row. Follows the documented type of that name."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from uuid import UUID

from pydantic import PrivateAttr

from config.declaration import Deprecated, NoEffect
from config.types import Ref, Runtime, Static, Target
from expr.host import HostType
from expr.types import ANY, BOOLEAN, STRING
from expr.values import as_json
from gateway.filters.base import Filter, Next
from gateway.http.context import Context, InnerContext
from gateway.objects.jdbc_data_source import DatabaseFailure, JdbcDataSource
from gateway.objects.scheduled_executor_service import ScheduledExecutorService
from gateway.sql.statement import Statement

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.message import Request, Response


class Row(dict[str, Any]):
    """Values by column labels; a label that is not there in its spelling is found ignoring case.

    Databases differ in the case in which they report labels, and configurations in the case in which they ask.
    """

    __slots__ = ()

    def __missing__(self, label: str) -> Any:
        spelling = self.spelling(label)
        if spelling is None:
            raise KeyError(label)
        return self[spelling]

    def get(self, label: Any, default: Any = None) -> Any:
        spelling = self.spelling(label)
        return default if spelling is None else self[spelling]

    def __contains__(self, label: object) -> bool:
        return self.spelling(label) is not None

    def spelling(self, label: object) -> str | None:
        """The label as the database reports it."""
        if not isinstance(label, str) or dict.__contains__(self, label):
            return label if isinstance(label, str) else None
        folded = label.lower()
        return next((key for key in self if key.lower() == folded), None)

    published = HostType(
        "row",
        item=lambda row, label: row.get(label),
        set_item=lambda row, label, value: row.__setitem__(label, value),
        keys=lambda row: row.keys(),
        methods={
            "get": ((STRING,), ANY, lambda row, label: row.get(label)),
            "containsKey": ((STRING,), BOOLEAN, lambda row, label: label in row),
            "isEmpty": ((), BOOLEAN, lambda row: not row),
        },
    )


class SqlAttributesContext(InnerContext, name="sqlAttributes"):
    """The row that was found, empty if there was none."""


class SqlAttributesFilter(Filter):
    """Runs a prepared statement and gives its first row to what follows.

    The row is `contexts.sqlAttributes.row`. When there is none or the statement fails, it is empty and the request goes
    on. Labels of columns are looked up in the database's spelling first, then ignoring case.
    """

    dataSource: Ref[JdbcDataSource]
    """The database."""
    preparedStatement: Static[str]
    """The statement, with question marks for the parameters."""
    parameters: list[Runtime[str]] = []
    """Values of the parameters, in order."""
    target: Annotated[Target | None, Deprecated("read the row from ${contexts.sqlAttributes.row}")] = None
    """Where to put the row too, such as ${attributes.user}. The statement runs when the request reaches the filter."""
    executorService: Annotated[Ref[ScheduledExecutorService] | None, NoEffect("it needs no threads")] = None
    """Threads that ask the database."""

    provides: ClassVar = {"next": ("sqlAttributes",)}
    example: ClassVar = {
        "type": "SqlAttributesFilter",
        "config": {
            "dataSource": {"type": "JdbcDataSource", "config": {"jdbcUrl": "jdbc:sqlite:/data/users.db"}},
            "preparedStatement": "SELECT username, password FROM users WHERE email = ?",
            "parameters": ["${request.queryParams['mail'][0]}"],
        },
    }

    _statement: Statement = PrivateAttr()

    def prepare(self, heap: Heap) -> None:
        self._statement = Statement.parse(self.preparedStatement)
        wanted, given = self._statement.parameters, len(self.parameters)
        if wanted != given:
            outcome = "the surplus is ignored" if given > wanted else "the missing ones are null"
            self.log.warning(
                "%s: the statement takes %d parameters, not %d; %s", self.object_name, wanted, given, outcome
            )

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        wanted = self._statement.parameters
        values = [await parameter(context, request) for parameter in self.parameters[:wanted]]
        row = await self._row(values + [None] * (wanted - len(values)))
        if self.target is not None:
            await self.target.set(row, context, request, None)
        return await next(SqlAttributesContext(context, row=row), request)

    async def _row(self, parameters: list[str | None]) -> Row:
        try:
            found = await self.dataSource.first_row(self._statement, parameters)
        except DatabaseFailure as error:
            self.log.warning("%s: the statement failed: %s", self.object_name, error)
            return Row()
        return Row() if found is None else Row((label, plain(value)) for label, value in found.items())


def plain(value: Any) -> Any:
    """A value of a column as expressions know values: dates and ids are texts as in JDBC, JSON is itself."""
    if isinstance(value, datetime):
        text = value.replace(tzinfo=None).isoformat(" ")
        return text.rstrip("0") if value.microsecond else f"{text}.0"
    if isinstance(value, date | time | timedelta | UUID):
        return str(value)
    if isinstance(value, memoryview | bytearray):
        return bytes(value)
    return as_json(value) if isinstance(value, dict | list) else value
