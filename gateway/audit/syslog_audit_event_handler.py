"""SyslogAuditEventHandler: events for a syslog daemon, RFC 5424, over UDP or TCP. Follows the documented entry."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

from pydantic import Field

from config.declaration import Properties
from config.types import Static
from gateway.audit.base import AuditEventHandler
from gateway.audit.delivery import Delivery
from gateway.audit.syslog import SeverityField, SyslogTarget, Writer
from gateway.audit.topics import field_of_pointer, leaf_exists

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.audit.topics import Topic

UNBUFFERED: Final = 5000


class Protocol(StrEnum):
    TCP = "TCP"
    UDP = "UDP"


class Facility(StrEnum):
    KERN = "kern"
    USER = "user"
    MAIL = "mail"
    DAEMON = "daemon"
    AUTH = "auth"
    SYSLOG = "syslog"
    LPR = "lpr"
    NEWS = "news"
    UUCP = "uucp"
    CRON = "cron"
    AUTHPRIV = "authpriv"
    FTP = "ftp"
    NTP = "ntp"
    LOGAUDIT = "logaudit"
    LOGALERT = "logalert"
    CLOCKD = "clockd"
    LOCAL0 = "local0"
    LOCAL1 = "local1"
    LOCAL2 = "local2"
    LOCAL3 = "local3"
    LOCAL4 = "local4"
    LOCAL5 = "local5"
    LOCAL6 = "local6"
    LOCAL7 = "local7"


class Severity(StrEnum):
    EMERGENCY = "EMERGENCY"
    ALERT = "ALERT"
    CRITICAL = "CRITICAL"
    ERROR = "ERROR"
    WARNING = "WARNING"
    NOTICE = "NOTICE"
    INFORMATIONAL = "INFORMATIONAL"
    DEBUG = "DEBUG"


class SyslogBuffering(Properties):
    """How events wait for the daemon."""

    enabled: Static[bool] = False
    """False by default. Events never keep a request waiting, with or without it."""
    maxSize: Static[int] = Field(default=5000, ge=1)
    """Events that may wait; more are lost."""


class SeverityFieldMapping(Properties):
    """The field of an event that tells its severity."""

    topic: Static[str]
    """Topic of the events."""
    field: Static[str]
    """JSON pointer into the event."""
    valueMappings: dict[str, Static[Severity]]
    """Value of the field -> severity."""


class SyslogAuditEventHandler(AuditEventHandler):
    """Sends events to a syslog daemon."""

    protocol: Static[Protocol]
    """TCP or UDP."""
    host: Static[str]
    """Host of the daemon."""
    port: Static[int] = Field(ge=0, le=65535)
    """Port of the daemon."""
    connectTimeout: Static[int] | None = None
    """Milliseconds to connect in; needed with TCP."""
    facility: Static[Facility]
    """Facility of the messages, such as local0."""
    buffering: SyslogBuffering = Field(default={})
    """How events wait for the daemon."""
    severityFieldMappings: list[SeverityFieldMapping] = []
    """Where the severity comes from; INFORMATIONAL by default."""

    example: ClassVar = {
        "type": "org.forgerock.audit.handlers.syslog.SyslogAuditEventHandler",
        "config": {
            "name": "syslog",
            "topics": ["access"],
            "protocol": "TCP",
            "host": "log.example.com",
            "port": 6514,
            "connectTimeout": 30000,
            "facility": "local0",
            "severityFieldMappings": [
                {"topic": "access", "field": "response/status", "valueMappings": {"FAILED": "WARNING"}}
            ],
        },
    }

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if self.protocol is Protocol.TCP and (self.connectTimeout is None or self.connectTimeout <= 0):
            yield "connectTimeout", "TCP needs a connect timeout", "write milliseconds, such as 30000"

    def use_topics(self, topics: Mapping[str, Topic]) -> None:
        super().use_topics(topics)
        seen: set[str] = set()
        for mapping in self.severityFieldMappings:
            field = field_of_pointer(mapping.field)
            if mapping.topic in seen:
                self.log.warning("%s: a second severity mapping for topic %s is ignored", self.name, mapping.topic)
            elif mapping.topic not in topics or not leaf_exists(topics[mapping.topic], field):
                self.log.warning("%s: topic %s has no field %s", self.name, mapping.topic, mapping.field)
            seen.add(mapping.topic)

    def _severity_fields(self) -> dict[str, SeverityField]:
        found: dict[str, SeverityField] = {}
        for mapping in self.severityFieldMappings:
            values = {value: list(Severity).index(severity) for value, severity in mapping.valueMappings.items()}
            found.setdefault(mapping.topic, SeverityField(field_of_pointer(mapping.field), values))
        return found

    def delivery(self) -> Delivery:
        fields = {topic: self.fields(topic) for topic in self.topics}
        writer = Writer(list(Facility).index(self.facility), fields, self._severity_fields())
        timeout = (self.connectTimeout or 30_000) / 1000
        target = SyslogTarget(writer, self.host, self.port, timeout, stream=self.protocol is Protocol.TCP)
        return Delivery(self.name, target, self.buffering.maxSize if self.buffering.enabled else UNBUFFERED)
