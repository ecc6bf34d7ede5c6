"""AmService: one realm of PingAM, to which AM and OAuth 2.0 filters refer."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, ClassVar
from urllib.parse import quote

from pydantic import Field

from config.declaration import HeapObject, NoEffect, Properties
from config.types import Duration, Ref, SecretId, Static, Url
from gateway.handlers.base import Handler
from gateway.secrets.base import Secrets


class Agent(Properties):
    """The agent profile with which the gateway logs in to AM."""

    username: Static[str]
    """Name of the agent profile in AM."""
    passwordSecretId: SecretId
    """Id of the agent's password, a GenericSecret."""
    journey: Static[str] = "Agent"
    """The authentication tree that logs the agent in."""

    removed: ClassVar = {"password": "use passwordSecretId with a secret store (removed in 2024.3)"}


class NotificationAudit(Properties):
    """Audit of the notifications that AM sends."""

    auditService: Any = None
    """The audit service; its topic `notifications` has to be enabled."""
    auditIgnoredNotifications: Static[bool] = False
    """Audit the notifications that changed nothing as well?"""


class Notifications(Properties):
    """The WebSocket over which AM tells of changes; used by the caches of sessions, policies and tokens."""

    enabled: Static[bool] = True
    """Subscribe to notifications?"""
    audit: NotificationAudit | None = None
    """Audit of notifications."""
    initialConnectionAttempts: Static[int] = 5
    """Attempts to connect while a route is deployed; -1 is no limit."""
    reconnectDelay: Duration = Field(default="5 seconds")
    """Time between attempts."""
    renewalDelay: Duration = Field(default="50 minutes")
    """Age at which the connection is made anew; zero or unlimited: never."""
    heartbeatInterval: Duration = Field(default="1 minute")
    """Time between ping frames; zero or unlimited: none."""
    connectionTimeout: Duration = Field(default="60 seconds")
    """Time to connect."""
    idleTimeout: Duration = Field(default="unlimited")
    """Time without a frame after which the connection is closed."""
    tls: Any = None
    """TLS options of the connection."""
    proxyOptions: Any = None
    """Forward proxy of the connection."""
    vertx: Annotated[dict[str, Any], NoEffect()] = {}
    """Options of a runtime that this gateway does not have."""


class WhenDisconnected(StrEnum):
    NEVER_CLEAR = "NEVER_CLEAR"
    CLEAR_ON_DISCONNECT = "CLEAR_ON_DISCONNECT"
    CLEAR_ON_RECONNECT = "CLEAR_ON_RECONNECT"


class SessionCache(Properties):
    """A cache of AM sessions."""

    enabled: Static[bool] = False
    """Keep session information?"""
    executor: Any = None
    """Runs the cache's work."""
    maximumSize: Static[int] | None = None
    """Largest number of sessions; unbounded by default."""
    maximumTimeToCache: Duration | None = None
    """Longest time to keep a session."""
    onNotificationDisconnection: Static[WhenDisconnected] = WhenDisconnected.CLEAR_ON_DISCONNECT
    """What happens to the cache while notifications are interrupted."""


class SessionIdleRefresh(Properties):
    """Keeps AM sessions alive while they are used."""

    enabled: Static[bool] = False
    """Reset the idle time of a session that is used?"""
    interval: Duration = Field(default="5 minutes")
    """Time between two resets."""


class AmService(HeapObject):
    """One realm of PingAM: where it is and how the gateway authenticates there."""

    url: Url
    """Base URL of AM, such as http://am.example.com:8088/openam; a slash at the end is tolerated."""
    agent: Agent
    """The agent profile."""
    secretsProvider: Secrets
    """Where the agent's password comes from."""
    realm: Static[str] = "/"
    """The realm."""
    amHandler: Ref[Handler] = Field(default="ForgeRockClientHandler")
    """Sends the REST calls to AM."""
    notifications: Notifications | None = None
    """Subscription to AM's notifications."""
    sessionCache: SessionCache | None = None
    """Cache of sessions."""
    sessionIdleRefresh: SessionIdleRefresh | None = None
    """Keeping sessions alive."""
    sessionProperties: list[Static[str]] = []
    """Session properties to ask for; all by default."""
    ssoTokenHeader: Static[str] | None = None
    """Name of the cookie and header with the SSO token; asked from AM by default."""
    version: Static[str] | None = None
    """Version of AM; asked from AM by default."""

    example: ClassVar = {
        "type": "AmService",
        "config": {
            "url": "https://am.example.com:8443/am",
            "agent": {"username": "ig_agent", "passwordSecretId": "agent.secret.id"},
            "secretsProvider": {"type": "SystemAndEnvSecretStore"},
        },
    }

    @property
    def token_endpoint(self) -> str:
        return self.oauth2("access_token")

    def oauth2(self, endpoint: str) -> str:
        """URL of an OAuth 2.0 endpoint of the realm: `access_token`, `introspect`, ..."""
        return f"{self.url.rstrip('/')}/oauth2/{self.realm_path}/{endpoint}"

    @property
    def realm_path(self) -> str:
        """The realm as AM writes it in paths: /a/b is realms/root/realms/a/realms/b."""
        parts = [quote(part, safe="") for part in self.realm.split("/") if part]
        return "/".join(["realms/root", *(f"realms/{part}" for part in parts)])
