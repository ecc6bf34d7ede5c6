"""A call of an authorization server's token endpoint, and what its answers mean (RFC 6749, 5; RFC 8693, 2.2)."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from expr.values import parse_json
from gateway.errors import ExchangeError
from gateway.handlers.base import Handler
from gateway.http.context import Context
from gateway.http.form import Form
from gateway.http.headers import Headers
from gateway.http.message import Request, Response
from gateway.oauth2.failure import OAuth2Error

MALFORMED = "malformed JSON response from the authorization server"


async def call(
    handler: Handler, context: Context, endpoint: str, fields: Iterable[tuple[str, str]], operation: str
) -> dict[str, Any]:
    """Post a form to a token endpoint and give the JSON object of its answer, which has an access token.

    Raises OAuth2Error for everything else: the server's own error for 400 and 401, `server_error` otherwise.
    """
    request = Request("POST", endpoint, Headers([("Accept", "application/json")]))
    request.entity.form = Form.of(fields)
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
    if status not in (HTTPStatus.OK, HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED):
        raise OAuth2Error("server_error", f"{operation} failed [status={status}]")
    answer = await _json_object(response)
    if status == HTTPStatus.OK:
        if not _text(answer.get("access_token")):
            raise OAuth2Error("server_error", "incomplete response from the authorization server: no access_token")
        return answer
    error = _text(answer.get("error"))
    if error is None:
        raise OAuth2Error("server_error", MALFORMED)
    raise OAuth2Error(error, _text(answer.get("error_description")))


async def _json_object(response: Response) -> dict[str, Any]:
    try:
        await response.entity.buffer()
        answer = parse_json(response.entity.bytes.decode("utf-8"))
    except (ValueError, ExchangeError) as error:
        raise OAuth2Error("server_error", MALFORMED) from error
    if not isinstance(answer, dict):
        raise OAuth2Error("server_error", MALFORMED)
    return answer


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
