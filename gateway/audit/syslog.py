"""Syslog messages of RFC 5424, and the socket that takes them."""

from __future__ import annotations

import os
import re
import socket
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.audit.delivery import Item, Target
from gateway.audit.event_text import cell_text
from gateway.audit.topics import leaf

PRODUCT: Final = "OPENIG"
"""Name of the application and part of the structured data's id (recalled)."""
ENTERPRISE: Final = 36733
SEVERITIES: Final = ("EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING", "NOTICE", "INFORMATIONAL", "DEBUG")
INFORMATIONAL: Final = 6
LARGEST_DATAGRAM: Final = 65_000
_IN_HEADER: Final = frozenset({"_id", "timestamp", "eventName"})
_NOT_PRINTABLE: Final = re.compile(r"[^\x21-\x7e]")


@dataclass(frozen=True)
class SeverityField:
    """The field that tells the severity, and what its values mean."""

    field: str
    values: Mapping[str, int]

    def severity(self, event: Mapping[str, Any]) -> int:
        value = cell_text(leaf(event, self.field))
        found = self.values.get(value)
        if found is None and value.upper() in SEVERITIES:
            return SEVERITIES.index(value.upper())
        return INFORMATIONAL if found is None else found


class Writer:
    """Writes events as messages."""

    def __init__(
        self, facility: int, fields: Mapping[str, tuple[str, ...]], severities: Mapping[str, SeverityField]
    ) -> None:
        self._facility = facility
        self._fields = fields
        self._severities = severities
        self._origin = f"{_header(socket.gethostname())} {PRODUCT} {os.getpid()}"

    def message(self, topic: str, event: Mapping[str, Any]) -> bytes:
        """<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA, on one line."""
        by_field = self._severities.get(topic)
        severity = by_field.severity(event) if by_field is not None else INFORMATIONAL
        moment, name = _header(cell_text(event.get("timestamp"))), _header(cell_text(event.get("eventName")))
        parameters = "".join(
            f' {field}="{_escaped(cell_text(leaf(event, field)))}"'
            for field in self._fields[topic]
            if field not in _IN_HEADER
        )
        data = f"[{topic}.{PRODUCT}@{ENTERPRISE}{parameters}]"
        text = f"<{self._facility * 8 + severity}>1 {moment} {self._origin} {name} {data}"
        return text.encode("utf-8", "backslashreplace")


def _header(text: str) -> str:
    return _NOT_PRINTABLE.sub("_", text) or "-"


def _escaped(text: str) -> str:
    """Line ends would end the message where lines frame messages."""
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")
    return text.replace("\r", " ").replace("\n", " ")


class SyslogTarget(Target):
    """A daemon: a datagram for each message, or a connection on which each is a line."""

    def __init__(self, writer: Writer, host: str, port: int, timeout: float, *, stream: bool) -> None:
        self._writer = writer
        self._address = (host, port)
        self._timeout = timeout
        self._stream = stream
        self._socket: socket.socket | None = None

    def write(self, items: deque[Item]) -> None:
        connection = self._connected()
        try:
            while items:
                message = self._writer.message(*items[0])
                if self._stream:
                    connection.sendall(message + b"\n")
                else:
                    connection.send(message[:LARGEST_DATAGRAM])
                items.popleft()
        except OSError:
            self.close()
            raise

    def _connected(self) -> socket.socket:
        if self._socket is not None and self._stream and _ended(self._socket, self._timeout):
            self.close()
        if self._socket is None:
            self._socket = self._connect()
        return self._socket

    def _connect(self) -> socket.socket:
        if self._stream:
            return socket.create_connection(self._address, self._timeout)
        family, kind, protocol, _, address = socket.getaddrinfo(*self._address, type=socket.SOCK_DGRAM)[0]
        made = socket.socket(family, kind, protocol)
        made.connect(address)
        return made

    def close(self) -> None:
        connection, self._socket = self._socket, None
        if connection is not None:
            connection.close()


def _ended(connection: socket.socket, timeout: float) -> bool:
    """Has the daemon closed the connection? What is sent then is lost without an error."""
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except (BlockingIOError, InterruptedError):
        return False
    except OSError:
        return True
    finally:
        connection.settimeout(timeout)
