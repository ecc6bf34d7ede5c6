"""The access event: made once for a request, when its response is there, out of the exchange and its times.

Follows the documented entry AccessAuditEvent (objects.yaml). What filters may change is kept when the request arrives,
and only where somebody audits.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from time import time
from typing import TYPE_CHECKING, Any, Final

from gateway.http.cookies import parse_cookies
from gateway.http.form import Form
from gateway.http.ids import new_id

if TYPE_CHECKING:
    from gateway.http.context import ExchangeContext
    from gateway.http.headers import Headers
    from gateway.http.message import Request, Response
    from gateway.server.timings import Timings

TOPIC: Final = "access"
EVENT_NAME: Final = "OPENIG-HTTP-ACCESS"
Event = dict[str, Any]


class Auditing:
    """How many services record accesses; while there is none, nothing is kept of a request as it came."""

    def __init__(self) -> None:
        self.services = 0


AUDITING: Final = Auditing()
"""One for the process."""


class Received:
    """A request as it came."""

    __slots__ = ("headers", "method")

    def __init__(self, request: Request) -> None:
        self.method = request.method
        self.headers = request.headers.copy()


def access_event(context: ExchangeContext, request: Request, response: Response, timings: Timings) -> Event:
    """All fields of the event; a field that takes time to make is a function, called when it is recorded."""
    connection = context.connection
    return {
        "_id": new_id(),
        "timestamp": timestamp(time()),
        "eventName": EVENT_NAME,
        "transactionId": context.transaction_id,
        "userId": lambda: getattr(context.find("requestAudit"), "user_id", None),
        "client": {"ip": connection.remote_address, "port": connection.remote_port},
        "server": {"ip": connection.local_address, "port": connection.local_port},
        "http": {"request": _request(context, context.received or Received(request)), "response": _response(response)},
        "response": {
            "status": "FAILED" if response.status.code >= 400 else "SUCCESSFUL",
            "statusCode": str(response.status.code),
            "elapsedTime": round((timings.answered - timings.started) * 1000),
            "elapsedTimeUnits": "MILLISECONDS",
        },
        "ig": _ig(context),
    }


def _request(context: ExchangeContext, received: Received) -> Event:
    uri = context.original_uri
    return {
        "secure": context.connection.secure,
        "method": received.method,
        "path": f"{uri.scheme}://{uri.raw_authority}{uri.raw_path}",
        "queryParameters": lambda: _query(uri.raw_query),
        "headers": lambda: by_lower_name(received.headers),
        "cookies": lambda: _request_cookies(received.headers),
    }


def _response(response: Response) -> Event:
    return {
        "headers": lambda: by_lower_name(response.headers),
        "cookies": lambda: _response_cookies(response.headers),
    }


def _ig(context: ExchangeContext) -> Event:
    route = context.route
    return {
        "exchangeId": context.id,
        "routeId": route.id if route is not None else None,
        "routeName": route.name if route is not None else None,
        "ext": lambda: dict(context.audit_extensions),
    }


def timestamp(seconds: float) -> str:
    """UTC with milliseconds: 2026-03-01T10:15:30.123Z."""
    whole = int(seconds)
    return f"{_second(whole)}.{int((seconds - whole) * 1000):03d}Z"


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def by_lower_name(headers: Headers) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in headers.items():
        found.setdefault(name.lower(), []).append(value)
    return found


def _query(query: str | None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in Form.from_query(query).pairs():
        found.setdefault(name, []).append(value or "")
    return found


def _request_cookies(headers: Headers) -> dict[str, str]:
    return {name: cookies[0].value or "" for name, cookies in parse_cookies(headers.all("Cookie")).items() if cookies}


def _response_cookies(headers: Headers) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in headers.all("Set-Cookie"):
        try:
            found.update((name, morsel.value) for name, morsel in SimpleCookie(line).items())
        except CookieError:
            continue
    return found
