"""The registry of all object types that this gateway runs, for serving and for lint alike.

Importing it imports no type: each is imported when a configuration first names it.
"""

from __future__ import annotations

from functools import cache

from config.loading import RuntimeSupport, Side
from config.registry import Registry
from gateway.documented_contexts import PROVIDERS
from gateway.documented_removals import REMOVED_PROPERTIES
from gateway.documented_types import DOCUMENTED_TYPES, REMOVED_TYPES
from gateway.http.bindings import EXCEPTION_SIDE, REQUEST_SIDE, RESPONSE_SIDE
from gateway.http.preparation import prepare

PACKAGES = (
    "gateway.handlers",
    "gateway.filters",
    "gateway.decorators",
    "gateway.routing",
    "gateway.objects",
    "gateway.secrets",
    "gateway.session",
    "gateway.audit",
    "gateway.oauth2",
    "gateway.am",
)
"""Packages with a `TYPES` tuple. A new type is a module in one of them and a line in that tuple."""


@cache
def registry() -> Registry:
    """The registry, made once."""
    return Registry(
        PACKAGES,
        RuntimeSupport(
            {Side.REQUEST: REQUEST_SIDE, Side.RESPONSE: RESPONSE_SIDE, Side.EXCEPTION: EXCEPTION_SIDE}, prepare
        ),
        DOCUMENTED_TYPES,
        REMOVED_TYPES,
        REMOVED_PROPERTIES,
        PROVIDERS,
    )
