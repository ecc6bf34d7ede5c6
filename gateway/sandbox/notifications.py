"""AM's notification WebSocket: agents subscribe to topics and hear of sessions and policies that change."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import WSMsgType, web

from gateway.sandbox.sessions import Session
from gateway.sandbox.tokens import Clock

PROTOCOL = "v1.notifications.forgerock.org"


class Notifications:
    """The connected agents and what each listens to."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._topics: dict[web.WebSocketResponse, set[str]] = {}
        self._sending: set[asyncio.Task[None]] = set()

    def session_changed(self, session: Session, event: str) -> None:
        """Tell of a session; both generations of the topic, as agents of either age listen."""
        body = {"sessionuid": session.uid, "eventType": event}
        self.publish("/agent/session", body)
        self.publish("/agent/session.v2", {**body, "universalId": session.universal_id})

    def publish(self, topic: str, body: Mapping[str, Any]) -> None:
        """Send a notification to everyone who subscribed to its topic."""
        listeners = [socket for socket, topics in self._topics.items() if topic in topics]
        if not listeners:
            return
        now = datetime.fromtimestamp(self._clock(), UTC)
        text = json.dumps(
            {"topic": topic, "timestamp": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}Z", "body": body}
        )
        for socket in listeners:
            task = asyncio.get_running_loop().create_task(_send(socket, text))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Talk to one agent until it goes."""
        socket = web.WebSocketResponse(protocols=(PROTOCOL,), heartbeat=30, max_msg_size=65536)
        await socket.prepare(request)
        self._topics[socket] = set()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await socket.send_json(_subscribe(message.data, self._topics[socket]))
        finally:
            del self._topics[socket]
        return socket

    async def close(self) -> None:
        """Say goodbye to all agents."""
        for socket in list(self._topics):
            await socket.close(code=1001, message=b"server shutdown")
        if self._sending:
            await asyncio.gather(*self._sending)


async def _send(socket: web.WebSocketResponse, text: str) -> None:
    # An agent that has just gone misses the notification, as it would a moment later.
    with contextlib.suppress(ConnectionError):
        await socket.send_str(text)


def _subscribe(text: str, topics: set[str]) -> dict[str, Any]:
    try:
        frame = json.loads(text)
    except ValueError:
        return {"error": "message is not valid JSON"}
    if not isinstance(frame, dict):
        return {"error": "message must be a JSON object"}
    reply = {"id": frame["id"]} if isinstance(frame.get("id"), str) else {}
    for name in ("action", "topic"):
        if name not in frame:
            return {"error": f'missing required field "{name}"', **reply}
        if not isinstance(frame[name], str):
            return {"error": f'"{name}" must be a string', **reply}
        if name == "action" and frame[name] != "subscribe":
            return {"error": f'unknown action "{frame[name]}"', **reply}
    if "id" in frame and not reply:
        return {"error": '"id" must be a string'}
    topics.add(frame["topic"])
    return {"topic": frame["topic"], "message": "subscription registered", **reply}
