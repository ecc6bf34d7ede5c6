"""A call of an authorization server's token endpoint, and what its answers mean (RFC 6749, 5; RFC 8693, 2.2)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from expr.values import parse_json
from gateway.errors import ExchangeError
from gateway.handlers.base import Handler
from gateway.http.context import Context
from gateway.http.entity import FORM_TYPE
from gateway.http.headers import Headers
from gateway.http.message import Request, Response
from gateway.http.uri import Uri
from gateway.oauth2.failure import OAuth2Error

MALFORMED: Final = "malformed JSON response from the authorization server"
OK: Final = HTTPStatus.OK
WITH_JSON: Final = frozenset({OK, HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED})
"""Statuses of answers that say in JSON what became of the request."""


async def call(handler: Handler, context: Context, endpoint: Uri, form: str, operation: str) -> dict[str, Any]:
    """Post an encoded form to a token endpoint and give the JSON object of its answer, which has an access token.

    Raises OAuth2Error for everything else: the server's own error for 400 and 401, `server_error` otherwise.
    """
    content = form.encode()
    headers = [("Accept", "application/json"), ("Content-Type", FORM_TYPE), ("Content-Length", str(len(content)))]
    request = Request("POST", endpoint.copy(), Headers.parsed(headers), content)
    try:
        response = await handler.handle(context, request)
    except OAuth2Error:
        raise
    except ExchangeError as error:
        raise OAuth2Error("server_error", f"{operation} failed [status={error.status}]") from error
    try:
        return await _read(response, operation)
    finally:
        response.close()


async def _read(response: Response, operation: str) -> dict[str, Any]:
    status = response.status.code
    if status not in WITH_JSON:
        raise OAuth2Error("server_error", f"{operation} failed [status={status}]")
    answer = await _json_object(response)
    if status == OK:
        if not _text(answer.get("access_token")):
            raise OAuth2Error("server_error", "incomplete response from the authorization server: no access_token")
        return answer
    error = _text(answer.get("error"))
    if error is None:
        raise OAuth2Error("server_error", MALFORMED)
    raise OAuth2Error(error, _text(answer.get("error_description")))


async def _json_object(response: Response) -> dict[str, Any]:
    try:
        answer = parse_json((await response.entity.read()).decode())
    except (ValueError, ExchangeError) as error:
        raise OAuth2Error("server_error", MALFORMED) from error
    if not isinstance(answer, dict):
        raise OAuth2Error("server_error", MALFORMED)
    return answer


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
