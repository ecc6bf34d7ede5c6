"""What can go wrong between the gateway and an upstream: one class a fault.

`code` is what the client of the gateway gets when nothing on the way up handles the error: 500, as ClientHandler is
documented. `status` of the class says what the fault means to a gateway (502, or 504 for a time-out); the OAuth objects
report it, and ReverseProxyHandler answers 502 for every one.

    UpstreamError / UpstreamTimeout / UpstreamUnavailable    (gateway.errors)
      ConnectFailed       no address answered            502
        NameNotResolved   the host name is unknown       502
        TlsFailure        handshake or certificate       502
        ProxyRefused      the forward proxy said no      502
      ConnectionLost      reset or closed before the end 502
      MalformedResponse   not HTTP, or over the limits   502
      UnsendableRequest   no host, a broken entity       502
      ConnectTimeout      no connection in time          504
      ResponseTimeout     silence on the connection      504
      PoolExhausted       connections and queue are full 503
      CircuitOpen         the breaker does not ask       503
"""

from __future__ import annotations

from typing import ClassVar

from gateway.errors import UpstreamError, UpstreamTimeout, UpstreamUnavailable

UNHANDLED = 500
"""Status of an upstream failure that nobody between ClientHandler and the client handles."""


class _Described:
    """Shared part: a message for the log, the status 500 when unhandled, and the name that expressions see."""

    class_name: ClassVar[str] = "java.io.IOException"
    """`exception.class.name` in a retry condition: the class that a Java gateway would show."""

    def __init__(self, message: str) -> None:
        super().__init__(message, UNHANDLED)  # type: ignore[call-arg]


class ConnectFailed(_Described, UpstreamError):
    """No connection: refused, unreachable, or closed during set-up."""

    class_name = "java.net.ConnectException"


class NameNotResolved(ConnectFailed):
    """The host name has no address."""

    class_name = "java.net.UnknownHostException"


class TlsFailure(ConnectFailed):
    """The TLS handshake failed: untrusted certificate, wrong host name, no common protocol."""

    class_name = "javax.net.ssl.SSLHandshakeException"


class ProxyRefused(ConnectFailed):
    """The forward proxy did not open the tunnel."""

    class_name = "io.netty.handler.proxy.HttpProxyHandler$HttpProxyConnectException"


class ConnectionLost(_Described, UpstreamError):
    """The connection was reset or closed before the response was whole."""

    class_name = "io.vertx.core.http.HttpClosedException"


class MalformedResponse(_Described, UpstreamError):
    """The upstream sent something that is not a response, or one beyond the limits."""

    class_name = "java.lang.IllegalArgumentException"


class UnsendableRequest(_Described, UpstreamError):
    """The request cannot be put on the wire: no host, unknown scheme, an entity that does not fit its length."""

    class_name = "java.lang.IllegalArgumentException"


class ConnectTimeout(_Described, UpstreamTimeout):
    """No connection was made within connectionTimeout."""

    class_name = "io.netty.channel.ConnectTimeoutException"


class ResponseTimeout(_Described, UpstreamTimeout):
    """Nothing arrived on the connection for soTimeout."""

    class_name = "java.util.concurrent.TimeoutException"


class PoolExhausted(_Described, UpstreamUnavailable):
    """All connections to the origin are busy and the queue is full or was waited in for too long."""

    class_name = "io.vertx.core.http.ConnectionPoolTooBusyException"


class CircuitOpen(_Described, UpstreamUnavailable):
    """The circuit breaker is open, the upstream is not asked."""

    class_name = "java.lang.RuntimeException"


__all__ = [
    "UNHANDLED",
    "CircuitOpen",
    "ConnectFailed",
    "ConnectTimeout",
    "ConnectionLost",
    "MalformedResponse",
    "NameNotResolved",
    "PoolExhausted",
    "ProxyRefused",
    "ResponseTimeout",
    "TlsFailure",
    "UnsendableRequest",
    "UpstreamError",
]
