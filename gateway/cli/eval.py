"""`gatewright eval`: evaluates a template against a scope given as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, TextIO

import click

from gateway.cli.options import set_system_properties, system_properties


@click.command(name="eval")
@click.argument("template", required=False)
@click.option("--scope", metavar="JSON|@FILE", default="{}", help="The scope: request, contexts, attributes, env, ...")
@click.option("--type", "expects", default="any", help="Expected type: string, boolean, number, list, map or any.")
@click.option("--batch", type=click.Path(), help='Lines of {"expression", "scope", "type"}, or - for stdin.')
@click.option("--explain", is_flag=True, help="Show the tree, with types and the value of each part.")
@system_properties
def command(
    template: str | None, scope: str, expects: str, batch: str | None, explain: bool, definitions: dict[str, str]
) -> None:
    """Evaluate TEMPLATE, such as '${request.uri.path}', and print the answer as JSON."""
    from gateway.evaluation import answer, explained

    set_system_properties(definitions)
    if batch is not None:
        with click.open_file(batch, encoding="utf-8") as lines:
            _answer_lines(lines, sys.stdout)
        return
    if template is None:
        raise click.UsageError("give a template, or --batch")
    values = _read_scope(scope)
    if explain:
        click.echo(explained(template, values, expects))
        return
    result = answer(template, values, expects)
    click.echo(json.dumps(result, ensure_ascii=False))
    if "error" in result:
        sys.exit(1)


def _read_scope(text: str) -> dict[str, Any]:
    content = Path(text[1:]).read_text("utf-8") if text.startswith("@") else text
    try:
        value = json.loads(content)
    except ValueError as error:
        raise click.BadParameter(f"the scope is not JSON: {error}", param_hint="--scope") from None
    if not isinstance(value, dict):
        raise click.BadParameter("the scope is a JSON object", param_hint="--scope")
    return value


def _answer_lines(lines: TextIO, out: TextIO) -> None:
    """One answer for each line, in order."""
    from gateway.evaluation import answer, invalid

    for line in lines:
        if not line.strip():
            continue
        try:
            job = json.loads(line)
            expression, scope = job["expression"], job.get("scope") or {}
            if not isinstance(expression, str) or not isinstance(scope, dict):
                raise TypeError("expression is a string, scope an object")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            result = invalid(f'a line is an object {{"expression", "scope"}}: {error}')
        else:
            result = answer(expression, scope, str(job.get("type") or "any"))
        out.write(json.dumps(result, ensure_ascii=False) + "\n")
        out.flush()
