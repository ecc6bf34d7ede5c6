"""The expression language: templates with `${...}` become functions. Knows neither HTTP nor configuration files.

    from expr import Environment, Name, compile_template, types

    names = Environment(("request",), {"request": Name("request", Request.published, "request")})
    template = compile_template("${find(request.uri.path, '^/app')}", environment=names, expects=types.BOOLEAN)
    template(request)   # True, False or None; raises EvaluationError

What a host object shows to expressions is declared with `expr.host.HostType`. `expr.explain.explain` shows how a
template comes to its value, `expr.functions.functions` all that can be called.
"""

from expr import types
from expr.errors import EvaluationError
from expr.host import HostType, Method, Property, publish
from expr.lvalue import LValue, compile_lvalue
from expr.reads import Reads
from expr.scope import CONFIGURATION, Environment, Name, implicit
from expr.template import Template, compile_template
from expr.values import Array, JsonList, JsonMap, parse_json

__all__ = [
    "CONFIGURATION",
    "Array",
    "Environment",
    "EvaluationError",
    "HostType",
    "JsonList",
    "JsonMap",
    "LValue",
    "Method",
    "Name",
    "Property",
    "Reads",
    "Template",
    "compile_lvalue",
    "compile_template",
    "implicit",
    "parse_json",
    "publish",
    "types",
]
