"""Descriptions of the administrative interface, OpenAPI 2.0 and the form of Common REST, in development mode."""

from __future__ import annotations

from typing import Any, Final

from gateway.version import VERSION

_ERROR: Final = {"description": "An error: code, reason, message."}
_ROUTE: Final = {"name": "route", "in": "body", "required": True, "schema": {"type": "object"}}
_ID: Final = {"name": "id", "in": "path", "required": True, "type": "string"}


def openapi(path: str, host: str) -> dict[str, Any]:
    """An OpenAPI 2.0 document of the routes below a path."""
    base, _, _ = path.partition("/routes")
    return {
        "swagger": "2.0",
        "info": {"title": "Gatewright", "version": VERSION},
        "host": host,
        "basePath": base,
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "tags": [{"name": "Routes Endpoint"}],
        "paths": {
            "/routes": {"get": _operation("Query the routes", 200, [_query("_queryFilter", required=True)])},
            "/routes/{id}": {
                "get": _operation("Read a route", 200, [_ID]),
                "put": _operation(
                    "Create a route, or replace it", 200, [_ID, _ROUTE, _header("If-Match"), _header("If-None-Match")]
                ),
                "delete": _operation("Remove a route", 200, [_ID]),
            },
        },
    }


def _operation(summary: str, status: int, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    responses = {str(status): {"description": "Success."}, "default": _ERROR}
    return {"tags": ["Routes Endpoint"], "summary": summary, "parameters": parameters, "responses": responses}


def _query(name: str, *, required: bool) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "type": "string"}


def _header(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "type": "string", "enum": ["*"]}


def crest_descriptor(path: str) -> dict[str, Any]:
    """What can be done with the routes at a path, in the form of Common REST."""
    items = {
        "pathParameter": {"name": "id", "type": "string", "source": "PATH", "required": True},
        "create": {"mode": "ID_FROM_CLIENT"},
        "read": {},
        "update": {},
        "delete": {},
    }
    resource = {"title": "Routes Endpoint", "mvccSupported": False, "items": items, "queries": [{"type": "FILTER"}]}
    return {"id": "gatewright:routes", "version": VERSION, "paths": {path: {"0.0": resource}}}
