"""GatewayHttpApplication: config.json, with the main handler and the heap that all routes share."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from config.document import Document
from config.types import Ref
from gateway.application.default_objects import GATEWAY
from gateway.handlers.base import Handler
from gateway.objects.temporary_storage import TemporaryStorage
from gateway.session.base import SessionManager


class GatewayHttpApplication(Document):
    """The gateway itself: its main handler, the objects of all routes, and the session manager."""

    handler: Ref[Handler]
    """Takes every request of the connectors; a Router, as a rule."""
    session: Ref[SessionManager] = Field(default="Session")
    """Keeps the sessions of all routes that have no session manager of their own; in memory by default."""
    globalDecorators: dict[str, Any] = {}
    """Decorates every object of this heap and of the routes: decorator name -> value."""
    temporaryStorage: Ref[TemporaryStorage] | None = None
    """Where the bodies of requests are buffered; by default where admin.json says."""

    default_objects: ClassVar = GATEWAY


WITHOUT_FILE: dict[str, Any] = {
    "handler": {
        "type": "Router",
        "name": "_router",
        "config": {
            "scanInterval": "&{ig.router.scan.interval|10 seconds}",
            "defaultHandler": {
                "type": "DispatchHandler",
                "config": {
                    "bindings": [
                        {
                            "condition": "${request.method == 'GET' and request.uri.path == '/'}",
                            "handler": {"type": "WelcomeHandler"},
                        },
                        {
                            "condition": "${request.uri.path == '/'}",
                            "handler": {
                                "type": "StaticResponseHandler",
                                "config": {"status": 405, "reason": "Method Not Allowed"},
                            },
                        },
                        {
                            "handler": {
                                "type": "StaticResponseHandler",
                                "config": {"status": 404, "reason": "Not Found"},
                            }
                        },
                    ]
                },
            },
        },
    }
}
"""The configuration of a gateway that has no config.json."""
