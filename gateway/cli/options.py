"""Options that several commands take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def system_properties(command: Command) -> Command:
    """`-D name=value`, as often as wanted."""
    return click.option(
        "-D",
        "definitions",
        metavar="NAME=VALUE",
        multiple=True,
        callback=_definitions,
        help="Set a system property, as for a Java program.",
    )(command)


def _definitions(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    definitions: dict[str, str] = {}
    for value in values:
        name, separator, text = value.partition("=")
        if not separator or not name:
            raise click.BadParameter(f'"{value}" is not of the form NAME=VALUE')
        definitions[name] = text
    return definitions


def set_system_properties(definitions: dict[str, str]) -> None:
    """Make definitions of the command line visible to tokens and expressions."""
    from expr.scope import implicit

    if definitions:
        implicit.system = {**implicit.system, **definitions}
