"""`gatewright run`: serves an instance directory or single route files."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gateway.cli.options import set_system_properties, system_properties


@click.command(name="run")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[DIR | ROUTE.json ...]")
@click.option("--port", type=int, help="Port for HTTP, in place of the connectors' first plain one (0 for a free one).")
@click.option(
    "--https",
    "https_port",
    type=int,
    is_flag=False,
    flag_value=8443,
    help="Serve HTTPS too, with a self-signed certificate made here; its path is printed. Port 8443 unless given.",
)
@click.option("--admin-port", type=int, help="Port of the administrative endpoints (8085 by default).")
@click.option("--host", help="Interface to listen on, in place of the connectors' own.")
@click.option(
    "--resolve", "resolve", multiple=True, metavar="HOST[:PORT]:ADDRESS", help="Address for a host name, as in curl."
)
@click.option("--workers", type=click.IntRange(min=1), help="Worker processes; the number of cores by default.")
@system_properties
def command(
    paths: tuple[Path, ...],
    port: int | None,
    https_port: int | None,
    admin_port: int | None,
    host: str | None,
    resolve: tuple[str, ...],
    workers: int | None,
    definitions: dict[str, str],
) -> None:
    """Serve an instance directory (with config/admin.json, config/config.json, config/routes), or single route files.

    Without an argument the directory is that of IG_INSTANCE_DIR, else .openig in the home directory.
    """
    from gateway.application.launch import Launch, serve

    set_system_properties(definitions)
    try:
        launch = Launch.of(
            paths,
            port=port,
            https_port=https_port,
            admin_port=admin_port,
            host=host,
            resolve=resolve,
            workers=workers,
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    sys.exit(serve(launch))
