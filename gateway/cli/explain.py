"""`gatewright explain`: what a type, a diagnostic, a function or a context means."""

from __future__ import annotations

import shutil
import sys

import click

NARROWEST, WIDEST = 60, 110


@click.command(name="explain")
@click.argument("name", required=False, metavar="[TYPE | CODE | FUNCTION | CONTEXT]")
def command(name: str | None) -> None:
    """Explain an object type, a diagnostic (GW301 or its name), a function or a context; without NAME, list them."""
    from config.emit.text import render
    from gateway.reference import Reference

    reference = Reference()
    page = reference.overview() if name is None else reference.find(name)
    if page is None:
        hint = reference.suggestion(name or "") or "`gatewright explain` lists what there is"
        click.echo(f'gatewright: nothing is called "{name}"; {hint}', err=True)
        sys.exit(1)
    width = min(max(shutil.get_terminal_size((WIDEST, 40)).columns - 2, NARROWEST), WIDEST)
    click.echo(render(page, width=width, colour=sys.stdout.isatty()), nl=False)
