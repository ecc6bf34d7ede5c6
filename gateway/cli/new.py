"""`gatewright new`: writes a commented route to start from. The templates are routes, in `gateway/cli/templates`."""

from __future__ import annotations

import re
import sys
from importlib.resources import files
from pathlib import Path

import click

KINDS = ("reverse-proxy", "token-exchange", "resource-server", "static", "throttled-api")
PLACEHOLDER = "NEW-ROUTE"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@click.command(name="new")
@click.argument("name")
@click.option(
    "--from", "kind", type=click.Choice(KINDS), default=KINDS[0], show_default=True, help="What to start from."
)
@click.option(
    "--dir", "directory", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Where to write it."
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def command(name: str, kind: str, directory: Path, force: bool) -> None:
    """Write NAME.json, a route with comments for requests below /NAME, into the current directory."""
    if _NAME.fullmatch(name) is None:
        raise click.BadParameter(
            "use letters, digits, hyphens and underscores, for it is part of a URL", param_hint="NAME"
        )
    target = directory / f"{name}.json"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with target.open("w" if force else "x", encoding="utf-8") as file:
            file.write(template(kind, name))
    except FileExistsError:
        click.echo(f"gatewright: {target} exists; --force replaces it", err=True)
        sys.exit(1)
    except OSError as error:
        raise click.ClickException(f"{target} cannot be written: {error.strerror}") from None
    click.echo(
        f"{target} is written. Check it with `gatewright lint {target}`, serve it with `gatewright run {target}`."
    )


def template(kind: str, name: str) -> str:
    """The text of a new route."""
    text = (files("gateway.cli") / "templates" / f"{kind}.json").read_text("utf-8")
    return text.replace(PLACEHOLDER, name)
