"""`gatewright demo`: the documented token exchange, whole, on this machine with nothing else installed."""

from __future__ import annotations

import asyncio
import sys

import click


@click.command(name="demo")
@click.option("--keep", is_flag=True, help="Leave everything running, and print the guide's curl commands.")
@click.option("--verbose", is_flag=True, help="Show the log of the gateway, with the captured messages.")
def command(keep: bool, verbose: bool) -> None:
    """Start the sandbox and the gateway, exchange a token as the guide does, and compare with what it expects."""
    from gateway.cli.demonstration import Demonstration

    sys.exit(asyncio.run(Demonstration(keep=keep, verbose=verbose).run()))
