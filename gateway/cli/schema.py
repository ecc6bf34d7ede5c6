"""`gatewright schema`: JSON Schema of configuration files, for editors."""

from __future__ import annotations

from pathlib import Path

import click

KINDS = ("route", "config", "admin")


@click.command(name="schema")
@click.argument("kind", required=False, type=click.Choice(KINDS))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write KIND.schema.json into this directory; all three without KIND.",
)
def command(kind: str | None, out: Path | None) -> None:
    """Print the JSON Schema (2020-12) of a route, of config.json or of admin.json; of a route without KIND."""
    from config.emit.layout import dumps
    from gateway.reference import DOCUMENTS, TITLES, Reference

    writer = Reference().schema_writer()
    if out is None:
        wanted = kind or KINDS[0]
        click.echo(dumps(writer.document(DOCUMENTS[wanted], TITLES[wanted])))
        return
    out.mkdir(parents=True, exist_ok=True)
    for wanted in (kind,) if kind else KINDS:
        target = out / f"{wanted}.schema.json"
        target.write_text(dumps(writer.document(DOCUMENTS[wanted], TITLES[wanted])) + "\n", "utf-8")
        click.echo(target)
