"""`gatewright lint`: checks configuration before it reaches production."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gateway.cli.options import set_system_properties, system_properties

OUTPUTS = ("full", "concise", "json", "sarif", "github")
FINDINGS, BROKEN = 1, 2


@click.command(name="lint")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True), metavar="PATH...")
@click.option("--output", type=click.Choice(OUTPUTS), default="full", help="Form of the findings.")
@click.option(
    "--color/--no-color", default=None, help="Colour in the full form; by default when it goes to a terminal."
)
@system_properties
def command(paths: tuple[Path, ...], output: str, color: bool | None, definitions: dict[str, str]) -> None:
    """Check files, directories or - for stdin; exit 0 clean, 1 findings of severity error, 2 could not run."""
    from expr.diagnostic import DiagnosticError, Severity
    from gateway.linting import lint_paths

    set_system_properties(definitions)
    if not paths:
        raise click.UsageError("give a file, a directory, or -")
    for path in paths:
        if str(path) != "-" and not path.exists():
            click.echo(f"gatewright: {path} does not exist", err=True)
            sys.exit(BROKEN)
    try:
        findings = lint_paths(paths)
    except DiagnosticError as error:
        findings = list(error.diagnostics)
    click.echo(_rendered(findings, output, color), nl=False)
    sys.exit(FINDINGS if any(found.level is Severity.ERROR for found in findings) else 0)


def _rendered(findings: list, output: str, color: bool | None) -> str:  # type: ignore[type-arg]
    from importlib import import_module

    renderer = import_module(f"config.render.{output}")
    if output == "full":
        return str(renderer.render(findings, colour=sys.stdout.isatty() if color is None else color))
    return str(renderer.render(findings))
