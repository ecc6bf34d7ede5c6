"""Topics of audit events: which fields their events have, and which are recorded unless a policy says otherwise.

Follows the documented entries AccessAuditEvent and AuditService (objects.yaml). A topic of a user's own is a file
TOPIC.json with a JSON schema and the fields to record.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

REQUIRED: Final = ("_id", "timestamp", "eventName", "transactionId")
"""Fields that every topic has."""


@dataclass(frozen=True)
class Topic:
    """A kind of events."""

    name: str
    fields: tuple[str, ...]
    """Leaf fields in the order of the schema, as dotted paths."""
    safelist: tuple[str, ...]
    """JSON pointers below the event that are recorded."""


class BadTopic(ValueError):
    """A schema file that is not one of a topic; the message says why."""


_SAFE_HEADERS: Final = [
    "accept",
    "accept-api-version",
    "content-type",
    "host",
    "user-agent",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-original-uri",
    "x-real-ip",
    "x-request-id",
    "x-requested-with",
    "x-scheme",
]

ACCESS: Final = Topic(
    "access",
    (
        *REQUIRED,
        "trackingIds",
        "userId",
        "client.ip",
        "client.port",
        "server.ip",
        "server.port",
        "http.request.secure",
        "http.request.method",
        "http.request.path",
        "http.request.queryParameters",
        "http.request.headers",
        "http.request.cookies",
        "http.response.headers",
        "http.response.cookies",
        "request.protocol",
        "request.operation",
        "request.detail",
        "response.status",
        "response.statusCode",
        "response.elapsedTime",
        "response.elapsedTimeUnits",
        "ig.exchangeId",
        "ig.routeId",
        "ig.routeName",
        "ig.ext",
    ),
    (
        *(f"/{name}" for name in (*REQUIRED, "trackingIds", "userId", "client", "server", "request", "response")),
        *(f"/ig/{name}" for name in ("exchangeId", "routeId", "routeName", "ext")),
        *(f"/http/request/{name}" for name in ("secure", "method", "path")),
        *(f"/http/request/headers/{name}" for name in _SAFE_HEADERS),
    ),
)

_COMMON: Final = (*REQUIRED, "trackingIds", "userId")
TOPICS: Final[Mapping[str, Topic]] = {
    "access": ACCESS,
    # Their fields are not documented; whoever makes these events decides what is in them.
    "notifications": Topic("notifications", (*_COMMON, "notification"), ("",)),
    "mcp": Topic("mcp", (*_COMMON, "request", "response", "mcp"), ("",)),
}


def read_topics(directory: Path) -> dict[str, Topic]:
    """The topics of a user's own, from the files of a directory; raises BadTopic."""
    files = sorted(directory.glob("*.json")) if directory.is_dir() else []
    return {file.stem: read_topic(file) for file in files}


def read_topic(file: Path) -> Topic:
    """A topic of a user's own; raises BadTopic."""
    try:
        document = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadTopic(f"{file.name} cannot be read as JSON: {error}") from None
    schema = document.get("schema") if isinstance(document, dict) else None
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict):
        raise BadTopic(f'{file.name} has no "schema" with "properties"')
    missing = [name for name in REQUIRED if name not in properties]
    if missing:
        raise BadTopic(f"the schema in {file.name} does not declare {', '.join(missing)}")
    included = _member(document, "filterPolicies", "field", "includeIf") or []
    if not isinstance(included, list) or not all(isinstance(pointer, str) for pointer in included):
        raise BadTopic(f"filterPolicies.field.includeIf in {file.name} is not an array of JSON pointers")
    return Topic(file.stem, tuple(_leaves(properties)), tuple(included))


def _member(document: Any, *path: str) -> Any:
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def _leaves(properties: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for name, schema in properties.items():
        below = schema.get("properties") if isinstance(schema, dict) else None
        if isinstance(below, dict) and below:
            yield from _leaves(below, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def leaf(event: Mapping[str, Any], field: str) -> Any:
    """The value of a dotted field, or None."""
    value: Any = event
    for name in field.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def field_of_pointer(pointer: str) -> str:
    """`/response/status` or `response/status` as a dotted field."""
    return pointer.removeprefix("/").replace("/", ".")


def leaf_exists(topic: Topic, field: str) -> bool:
    """Does the schema of a topic have a dotted field, or one above it?"""
    return any(field == known or field.startswith(f"{known}.") for known in topic.fields)
