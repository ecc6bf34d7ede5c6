"""What tests of auditing share: declarations of handlers and services, events, and reading what was written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gateway.audit.delivery import Delivery

PACKAGE = "org.forgerock.audit.handlers"
JSON = f"{PACKAGE}.json.JsonAuditEventHandler"
STDOUT = f"{PACKAGE}.json.stdout.JsonStdoutAuditEventHandler"
CSV = f"{PACKAGE}.csv.CsvAuditEventHandler"
SYSLOG = f"{PACKAGE}.syslog.SyslogAuditEventHandler"
JDBC = f"{PACKAGE}.jdbc.JdbcAuditEventHandler"


def handler(cls: str, **config: Any) -> dict[str, Any]:
    return {"class": cls, "config": {"name": "tested", "topics": ["access"], **config}}


def service(*handlers: dict[str, Any], **config: Any) -> dict[str, Any]:
    """A service; `include` and `exclude` are the pointers of its policies."""
    field = {"includeIf": config.pop("include", []), "excludeIf": config.pop("exclude", [])}
    inner = {"filterPolicies": {"field": field}, **config.pop("inner", {})}
    made = {"config": inner, "eventHandlers": list(handlers), **config}
    return {"name": "AuditService", "type": "AuditService", "config": made}


def to_json(directory: Path, **config: Any) -> dict[str, Any]:
    return handler(JSON, logDirectory=str(directory), buffering={"writeInterval": "1 ms"}, **config)


def event(number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "_id": f"id-{number}",
        "timestamp": "2026-03-01T10:15:30.123Z",
        "eventName": "OPENIG-HTTP-ACCESS",
        "transactionId": f"transaction-{number}",
        "client": {"ip": "192.0.2.10", "port": 51000},
        "http": {"request": {"secure": False, "method": "GET", "headers": {"host": ["gw.example.com"]}}},
        "response": {"status": "SUCCESSFUL", "statusCode": "200", "elapsedTime": 12},
        **more,
    }


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def deliveries(audit: Any) -> list[Delivery]:
    return [one._delivery for one in audit.eventHandlers if one._delivery is not None]
