"""`gatewright sandbox`: the development authorization server and sample application alone."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import click


@click.command(name="sandbox")
@click.option(
    "--config", type=click.Path(exists=True, path_type=Path), help="YAML file; the guide's set-up by default."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Interface to listen on.")
@click.option("--am-port", default=8088, show_default=True, help="Port of the authorization server.")
@click.option("--app-port", default=8081, show_default=True, help="Port of the sample application.")
def command(config: Path | None, host: str, am_port: int, app_port: int) -> None:
    """Run an AM-compatible server and the guides' sample application. A development tool, not for production."""
    from gateway import logs
    from gateway.sandbox.reading import SettingsError

    logs.configure()
    try:
        asyncio.run(_serve(config, host, am_port, app_port))
    except (SettingsError, OSError) as error:
        raise click.ClickException(str(error)) from None


async def _serve(config: Path | None, host: str, am_port: int, app_port: int) -> None:
    from gateway.sandbox.sandbox import Sandbox

    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with Sandbox.from_yaml(config, host=host, am_port=am_port, app_port=app_port):
        await told.wait()
