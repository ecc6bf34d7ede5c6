"""Rules of lint that see further than one property: one module each, with its code, its documentation and examples.

A rule is a function from the files that are linted together to findings.
"""

from __future__ import annotations

from config.rules import (
    absolute_paths,
    contexts,
    cors_credentials,
    deprecated_names,
    deprecated_types,
    duplicate_keys,
    duplicate_routes,
    http_endpoints,
    idle_breakers,
    impossible_conditions,
    patterns,
    removed_properties,
    require_https,
    scripts,
    secrets_in_text,
    shadowed_names,
    trust_all,
    unreachable_routes,
    unused_objects,
)
from config.rules.base import Rule

RULES: tuple[Rule, ...] = (
    duplicate_keys.check,
    duplicate_routes.check,
    unused_objects.check,
    shadowed_names.check,
    contexts.check,
    unreachable_routes.check,
    impossible_conditions.check,
    deprecated_types.check,
    deprecated_names.check,
    removed_properties.check,
    secrets_in_text.check,
    http_endpoints.check,
    trust_all.check,
    require_https.check,
    cors_credentials.check,
    patterns.check,
    absolute_paths.check,
    scripts.check,
    idle_breakers.check,
)
"""Every rule, in the order of documentation."""
