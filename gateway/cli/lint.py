"""`gatewright lint`: checks configuration before it reaches production, and repairs what can be repaired."""

from __future__ import annotations

import functools
import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.options import set_system_properties, system_properties
from gateway.version import VERSION

if TYPE_CHECKING:
    from expr.diagnostic import Diagnostic
    from gateway.linting import Gathering

OUTPUTS = ("full", "concise", "json", "sarif", "github")
CLEAN, FINDINGS, BROKEN = 0, 1, 2
FOR_PEOPLE = ("full", "concise")


@click.command(name="lint")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True), metavar="PATH...")
@click.option("--output", type=click.Choice(OUTPUTS), default="full", help="Form of the findings.")
@click.option("--select", multiple=True, metavar="CODES", help="Only these codes, beginnings of codes, or rule names.")
@click.option("--ignore", multiple=True, metavar="CODES", help="Not these; after what gatewright.yaml ignores.")
@click.option(
    "--severity",
    type=click.Choice(("error", "warning", "info")),
    default="info",
    help="Show findings of this severity and above.",
)
@click.option("--explain", metavar="CODE", help="Tell what a code means and what to do about it, and stop.")
@click.option(
    "--fix", is_flag=True, help="Replace what has a replacement of the same meaning; shows the changes first."
)
@click.option("--yes", is_flag=True, help="With --fix: do not ask.")
@click.option(
    "--config",
    "settings",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Settings file; by default the nearest gatewright.yaml above each path.",
)
@click.option(
    "--color/--no-color", default=None, help="Colour in the full form; by default when it goes to a terminal."
)
@system_properties
def command(
    paths: tuple[Path, ...],
    output: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    severity: str,
    explain: str | None,
    fix: bool,
    yes: bool,
    settings: Path | None,
    color: bool | None,
    definitions: dict[str, str],
) -> None:
    """Check files, directories or - for stdin; exit 0 clean, 1 findings of severity error, 2 could not run."""
    if explain is not None:
        sys.exit(_explain(explain))
    _without_collections()
    set_system_properties(definitions)
    if not paths:
        raise click.UsageError("give a file, a directory, or -")
    for path in paths:
        if str(path) != "-" and not path.exists():
            click.echo(f"gatewright: {path} does not exist", err=True)
            sys.exit(BROKEN)
    from gateway.linting import Gathering

    gathering = Gathering(_names(select), _names(ignore), settings, progress=_Progress())
    with_fixes = functools.partial(_fix, paths, gathering, output, yes=yes) if fix else None
    sys.exit(_lint(paths, gathering, functools.partial(_rendered, output=output, color=color), severity, with_fixes))


def _without_collections() -> None:
    """A run keeps what it reads until its end: a collection would find nothing, and take half of the time."""
    if gc.isenabled():
        gc.disable()
        click.get_current_context().call_on_close(gc.enable)


def _lint(
    paths: tuple[Path, ...],
    gathering: Gathering,
    rendered: Callable[[list[Diagnostic]], str],
    severity: str,
    fix: Callable[[], None] | None,
) -> int:
    from expr.diagnostic import DiagnosticError, Severity
    from gateway.linting import NothingToLint

    try:
        if fix is not None:
            fix()
        findings = gathering.lint(paths)
        _require_known(gathering)
    except NothingToLint as error:
        click.echo(f"gatewright: there is no configuration file in {error}", err=True)
        return BROKEN
    except DiagnosticError as error:  # settings that cannot be used
        click.echo(rendered(list(error.diagnostics)), nl=False)
        return BROKEN
    levels = list(Severity)
    shown = [found for found in findings if levels.index(found.level) <= levels.index(Severity(severity))]
    click.echo(rendered(shown), nl=False)
    return FINDINGS if any(found.level is Severity.ERROR for found in findings) else CLEAN


def _rendered(findings: list[Diagnostic], output: str, color: bool | None) -> str:
    from importlib import import_module

    renderer = import_module(f"config.render.{output}")
    if output == "full":
        return str(renderer.render(findings, colour=sys.stdout.isatty() if color is None else color))
    if output == "sarif":
        return str(renderer.render(findings, version=VERSION))
    return str(renderer.render(findings))


def _names(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.strip() for part in given for name in part.split(",") if name.strip())


def _require_known(gathering: Gathering) -> None:
    """A misspelt code would choose nothing, and make every file look clean."""
    names = (*gathering.select, *gathering.ignore)
    if not names:
        return
    from config.problem import closest
    from config.selection import is_known
    from gateway.all_codes import all_codes

    codes = [*all_codes().values(), *gathering.own_codes()]
    for name in names:
        if not is_known(name, codes):
            hint = closest(name, [known for code in codes for known in (code.id, code.rule)])
            raise click.UsageError(f'"{name}" is no code and no rule{f": {hint}" if hint else ""}')


def _explain(name: str) -> int:
    from config.emit.other_pages import code_page
    from config.emit.text import render
    from config.problem import closest
    from gateway.all_codes import all_codes

    codes = all_codes()
    found = next((code for code in codes.values() if name in (code.id, code.rule)), None)
    if found is None:
        hint = closest(name, [known for code in codes.values() for known in (code.id, code.rule)])
        click.echo(f'gatewright: "{name}" is no code and no rule. {hint}'.rstrip(), err=True)
        return BROKEN
    click.echo(render(code_page(found), colour=sys.stdout.isatty()), nl=False)
    return CLEAN


# -------------------------------------------------------------------------------------------------------------- fixing


def _fix(paths: tuple[Path, ...], gathering: Gathering, output: str, *, yes: bool) -> None:
    """Show what would change, and change it when the user agrees."""
    from config.fix import Fixer

    if any(str(path) == "-" for path in paths):
        raise click.UsageError("--fix changes files; stdin is none")
    changes = Fixer(lambda overlay: gathering.again(overlay).lint(paths)).run()
    if not changes:
        return
    for change in changes:
        click.echo(change.diff(), nl=False, err=output not in FOR_PEOPLE)
    count = f"{len(changes)} file{'s' * (len(changes) > 1)}"
    if yes or _agreed(f"Change {count}?"):
        for change in changes:
            change.write()
        click.echo(f"Changed {count}.", err=True)
    else:
        click.echo(f"Nothing is changed; --yes changes {count} without asking.", err=True)


def _agreed(question: str) -> bool:
    try:
        return click.confirm(question, err=True)
    except click.Abort:
        click.echo(err=True)
        return False


class _Progress:
    """Says how far lint is when it takes longer than a second."""

    def __init__(self) -> None:
        self.next = time.monotonic() + 1
        self.terminal = sys.stderr.isatty()
        self.shown = False

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self.terminal and self.shown and done == total:
            click.echo("\r\x1b[K", nl=False, err=True)
            self.shown = False
        elif now >= self.next and done < total:
            self.next = now + (0.2 if self.terminal else 1)
            self.shown = True
            text = f"checked {done} of {total} files"
            click.echo(f"\r{text}" if self.terminal else text, nl=not self.terminal, err=True)
