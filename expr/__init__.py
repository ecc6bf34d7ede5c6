"""The expression language: templates with `${...}` become functions. Knows neither HTTP nor configuration files.

What a host object shows to expressions is declared with `expr.host.HostType`.
"""

from expr import types
from expr.errors import EvaluationError
from expr.host import HostType, Method, Property, publish
from expr.scope import CONFIGURATION, Environment, Name, implicit
from expr.values import Array, JsonList, JsonMap, parse_json

__all__ = [
    "CONFIGURATION",
    "Array",
    "Environment",
    "EvaluationError",
    "HostType",
    "JsonList",
    "JsonMap",
    "Method",
    "Name",
    "Property",
    "implicit",
    "parse_json",
    "publish",
    "types",
]
