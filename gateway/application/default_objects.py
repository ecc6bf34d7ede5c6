"""The objects that a heap has without declaring them: name -> declaration (DefaultHeapObjects, handlers.yaml)."""

from __future__ import annotations

from typing import Any

_SHARED: dict[str, dict[str, Any]] = {
    "AuditService": {"type": "NoOpAuditService"},
    "capture": {"type": "CaptureDecorator"},
    "timer": {"type": "TimerDecorator"},
    "tracing": {"type": "TracingDecorator"},
    "ClientHandler": {"type": "ClientHandler"},
    "ForgeRockClientHandler": {
        "type": "Chain",
        "config": {"filters": ["TransactionIdOutboundFilter"], "handler": "ClientHandler"},
    },
    "ReverseProxyHandler": {"type": "ReverseProxyHandler"},
    "ProxyOptions": {"type": "NoProxyOptions"},
    "ScheduledExecutorService": {"type": "ScheduledExecutorService"},
    "TemporaryStorage": {"type": "TemporaryStorage"},
    "TransactionIdOutboundFilter": {"type": "TransactionIdOutboundFilter"},
    "BASE64": {"type": "Base64PropertyFormat"},
    "PLAIN": {"type": "PlainPropertyFormat"},
}

ADMIN = {
    **_SHARED,
    "Session": {"type": "InMemorySessionManager", "config": {"cookie": {"name": "IG_ADMIN_SESSIONID"}}},
}
"""Those of admin.json."""

GATEWAY = {**_SHARED, "baseURI": {"type": "BaseUriDecorator"}, "Session": {"type": "InMemorySessionManager"}}
"""Those of config.json, which all routes see. An object named `Session` is the deprecated way to set the session
manager; as a default object it is the one in force when nothing else is said."""
