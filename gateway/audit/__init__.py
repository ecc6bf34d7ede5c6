"""Audit: events of what happened, for other systems to keep."""

TYPES = ("NoOpAuditService",)
