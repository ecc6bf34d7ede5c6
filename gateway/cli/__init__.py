"""The command line: one module a command, imported only when it runs, so that `lint` does not pay for the server."""

from __future__ import annotations

from importlib import import_module

import click

from gateway.compiled import is_compiled
from gateway.version import VERSION

COMMANDS = ("run", "lint", "demo", "sandbox", "eval", "explain", "schema", "new")


class LazyGroup(click.Group):
    """Finds the command NAME as `command` in the module `gateway.cli.NAME`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"gateway.cli.{cmd_name}").command
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(
    VERSION, prog_name="gatewright", message=f"%(prog)s %(version)s{'' if is_compiled() else ', not compiled'}"
)
def main() -> None:
    """Run PingGateway configuration, and check it before it runs."""
