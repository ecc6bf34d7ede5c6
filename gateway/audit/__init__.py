"""Audit: events of what happened, for other systems to keep."""

TYPES = (
    "AuditService",
    "NoOpAuditService",
    ("JsonAuditEventHandler", "org.forgerock.audit.handlers.json.JsonAuditEventHandler"),
    ("JsonStdoutAuditEventHandler", "org.forgerock.audit.handlers.json.stdout.JsonStdoutAuditEventHandler"),
    ("CsvAuditEventHandler", "org.forgerock.audit.handlers.csv.CsvAuditEventHandler"),
    ("SyslogAuditEventHandler", "org.forgerock.audit.handlers.syslog.SyslogAuditEventHandler"),
    ("JdbcAuditEventHandler", "org.forgerock.audit.handlers.jdbc.JdbcAuditEventHandler"),
)
