"""JSON Schema of an access event, written from the documented entry AccessAuditEvent (objects.yaml)."""

from __future__ import annotations

from typing import Any

HEADERS = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}, "minItems": 1}}
ID = {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-[0-9]+$"}
END = {
    "type": "object",
    "properties": {"ip": {"type": "string"}, "port": {"type": "integer"}},
    "required": ["ip", "port"],
    "additionalProperties": False,
}

ACCESS_EVENT: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "_id": ID,
        "timestamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"},
        "eventName": {"const": "OPENIG-HTTP-ACCESS"},
        "transactionId": {"type": "string"},
        "trackingIds": {"type": "array", "items": {"type": "string"}},
        "userId": {"type": "string"},
        "client": END,
        "server": END,
        "http": {
            "type": "object",
            "properties": {
                "request": {
                    "type": "object",
                    "properties": {
                        "secure": {"type": "boolean"},
                        "method": {"type": "string"},
                        "path": {"type": "string", "pattern": r"^https?://[^/?#]+(/[^?#]*)?$"},
                        "queryParameters": HEADERS,
                        "headers": {**HEADERS, "propertyNames": {"pattern": "^[^A-Z]+$"}},
                        "cookies": {"type": "object", "additionalProperties": {"type": "string"}},
                    },
                    "required": ["secure", "method", "path"],
                    "additionalProperties": False,
                },
                "response": {
                    "type": "object",
                    "properties": {"headers": HEADERS, "cookies": {"type": "object"}},
                    "additionalProperties": False,
                },
            },
            "required": ["request"],
            "additionalProperties": False,
        },
        "response": {
            "type": "object",
            "properties": {
                "status": {"enum": ["SUCCESSFUL", "FAILED"]},
                "statusCode": {"type": "string", "pattern": "^[1-9][0-9]{2}$"},
                "elapsedTime": {"type": "integer", "minimum": 0},
                "elapsedTimeUnits": {"const": "MILLISECONDS"},
            },
            "required": ["status", "statusCode", "elapsedTime", "elapsedTimeUnits"],
            "additionalProperties": False,
        },
        "ig": {
            "type": "object",
            "properties": {
                "exchangeId": ID,
                "routeId": {"type": "string"},
                "routeName": {"type": "string"},
                "ext": {"type": "object"},
            },
            "required": ["exchangeId"],
            "additionalProperties": False,
        },
        "source": {"const": "audit"},
        "topic": {"const": "access"},
        "level": {"const": "INFO"},
    },
    "required": ["_id", "timestamp", "eventName", "transactionId", "client", "server", "http", "response", "ig"],
    "additionalProperties": False,
}
ORDER = ["_id", "timestamp", "eventName", "transactionId", "userId", "client", "server", "http", "response", "ig"]
"""The order in which fields are written."""
