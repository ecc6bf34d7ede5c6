"""Common REST: the conventions that all administrative endpoints with JSON share.

Follows the documented entry CommonREST (objects.yaml).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from gateway.admin.query_filter import QueryFilter, values_at
from gateway.http.form import Form
from gateway.http.headers import Headers
from gateway.http.message import Request, Response

Resource = Mapping[str, Any]
JSON_TYPE: Final = "application/json;charset=UTF-8"
API_VERSION: Final = "protocol=2.1,resource=1.0"
QUERIES: Final = ("_queryFilter", "_queryId", "_queryExpression")


class CrestError(Exception):
    """An answer with an error body."""

    def __init__(self, code: int, message: str, cause: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.cause = cause

    @property
    def body(self) -> dict[str, Any]:
        made: dict[str, Any] = {"code": self.code, "reason": HTTPStatus(self.code).phrase, "message": self.message}
        if self.cause is not None:
            made["cause"] = {"message": self.cause}
        return made


class Parameters:
    """The parameters of a request to an endpoint."""

    def __init__(self, request: Request) -> None:
        self._values = Form.from_query(request.uri.raw_query)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def get(self, name: str) -> str | None:
        values = self._values.get(name)
        return values[0] if values else None

    def flag(self, name: str) -> bool:
        return (self.get(name) or "").lower() == "true"

    def number(self, name: str) -> int | None:
        """A count; CrestError for what is none."""
        text = self.get(name)
        if text is None or text == "":
            return None
        if not text.isdecimal() or len(text) > 9:
            raise CrestError(400, f"{name} is not a number")
        return int(text)

    def names(self, name: str) -> list[str]:
        return [part.strip() for part in (self.get(name) or "").split(",") if part.strip()]


def answer(value: Any, parameters: Parameters, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer; HEAD is the server's business."""
    indent = 2 if parameters.flag("_prettyPrint") else None
    text = json.dumps(value, indent=indent, ensure_ascii=False, separators=None if indent else (",", ":"))
    fields = {"Content-Type": JSON_TYPE, "Cache-Control": "no-cache", "Content-API-Version": API_VERSION}
    response = Response(status, Headers({**fields, **(headers or {})}.items()))
    response.entity.set(text.encode("utf-8", "backslashreplace"))
    return response


def failure(error: CrestError, parameters: Parameters) -> Response:
    return answer(error.body, parameters, error.code)


def resource(value: Resource, parameters: Parameters) -> dict[str, Any]:
    """A resource with the fields that were asked for."""
    names = parameters.names("_fields")
    if not names:
        return dict(value)
    found: dict[str, Any] = {}
    for name in names:
        values = values_at(value, name)
        if values:
            found[name.strip("/")] = values[0]
    return found


def query_filter(parameters: Parameters) -> QueryFilter:
    """The filter of a query; CrestError where there is another kind of query, or no valid one."""
    given = [name for name in QUERIES if name in parameters]
    if len(given) != 1:
        raise CrestError(400, f"a query has exactly one of {', '.join(QUERIES)}")
    if given != ["_queryFilter"]:
        raise CrestError(501, f"{given[0]} is not supported")
    try:
        return QueryFilter(parameters.get("_queryFilter") or "")
    except ValueError as error:
        raise CrestError(400, f"the query filter is not valid: {error}") from None


def query_result(found: Iterable[Resource], parameters: Parameters, policy: str = "NONE") -> dict[str, Any]:
    """One page of the resources that a query found, sorted as it asks."""
    resources = _sorted(list(found), parameters.names("_sortKeys"))
    total = len(resources)
    begin = parameters.number("_pagedResultsCookie") or parameters.number("_pagedResultsOffset") or 0
    size = parameters.number("_pageSize")
    end = total if size is None else min(begin + size, total)
    policy = (parameters.get("_totalPagedResultsPolicy") or policy).upper()
    page = [] if parameters.flag("_countOnly") else [resource(one, parameters) for one in resources[begin:end]]
    return {
        "result": page,
        "resultCount": total if parameters.flag("_countOnly") else len(page),
        "pagedResultsCookie": str(end) if size is not None and end < total else None,
        "totalPagedResultsPolicy": policy,
        "totalPagedResults": -1 if policy == "NONE" else total,
        "remainingPagedResults": -1 if policy == "NONE" or size is None else total - end,
    }


def _sorted(resources: list[Resource], keys: list[str]) -> list[Resource]:
    for key in reversed(keys):
        name = key.lstrip("+-")
        resources.sort(key=lambda one, name=name: _order(values_at(one, name)), reverse=key.startswith("-"))  # type: ignore[misc]
    return resources


def _order(values: list[Any]) -> tuple[int, float, str]:
    """Numbers before texts before booleans, and what has no value last."""
    if not values:
        return (3, 0, "")
    value = values[0]
    if isinstance(value, bool):
        return (2, value, "")
    return (0, value, "") if isinstance(value, int | float) else (1, 0, str(value))
