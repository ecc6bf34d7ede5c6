"""Mutates expressions and parses, checks, compiles, explains and evaluates them: a value or our error, inside the text.

    python -m tests.fuzz.fuzz_expr --seconds 60 --seed 1

Starts from the conformance cases, so that a mutation is never far from an expression that means something. Stops after
`--runs` templates or `--seconds`, and prints the template that broke the rule.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
import time
import traceback
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from expr import EvaluationError, compile_lvalue, compile_template, types
from expr.diagnostic import Diagnostic, DiagnosticError
from expr.explain import explain
from expr.java_pattern import PatternError
from expr.java_regex import TIME_LIMIT, Matcher
from expr.values import text
from gateway.http.bindings import REQUEST_SIDE, RESPONSE_SIDE
from gateway.http.scope import scope_from_json

CASES = Path(__file__).parent.parent / "conformance" / "expr"
SLOWEST = 20 * TIME_LIMIT
SCRAPS = [
    "${", "#{", "}", "\\${", "(", ")", "[", "]", ".", ",", "?", ":", "'", '"', "\\", "+", "-", "*", "/", "%", "<", ">=",
    "==", "!=", " and ", " or ", "not ", "empty ", "null", "true", "9223372036854775807", "1e308", "''", "'a'",
    "request", "attributes", "contexts", "session", "response.status", "env", "now", ".toString()", ".length()", "[0]",
    "['x']", "find(", "split(", "toJson('{}')", ".replaceAll('(a)', '$1')", "(a+)+", "[a-z&&[^b]]", "\\\\Q",
    "\\\\p{L}", "(?i)", "\U0001f600", "\ud800", "é", "\x00", "\n", "__class__", "instanceof", "a{1000}",
]  # fmt: skip
EXPECTS = (types.ANY, types.STRING, types.BOOLEAN, types.NUMBER, types.LIST, types.MAP)


def seeds() -> list[tuple[dict[str, Any], str]]:
    """The templates of the conformance cases with their scopes, and their patterns."""
    found = []
    for file in sorted(CASES.glob("*.json")):
        document = json.loads(file.read_text("utf-8"))
        for case in document["cases"]:
            if len(case["expression"]) < 400:
                found.append(({**document.get("scope", {}), **case.get("scope", {})}, case["expression"]))
    return found


def mutated(template: str, others: Sequence[tuple[dict[str, Any], str]], choose: random.Random) -> str:
    """A template with a few changes."""
    for _ in range(choose.randint(0, 4)):
        start = choose.randint(0, len(template))
        end = min(len(template), start + choose.randint(0, 6))
        other = choose.choice(others)[1]
        place = choose.randint(0, len(other))
        inserted = choose.choice(
            ["", choose.choice(SCRAPS), other[place : place + choose.randint(1, 20)], template[start:end] * 2]
        )
        template = template[:start] + inserted + template[end:]
    return template[:2000]


def _inside(template: str, findings: Sequence[Diagnostic]) -> None:
    for finding in findings:
        if not 0 <= finding.span.start <= finding.span.end <= len(template):
            raise AssertionError(f"{finding} points outside of the text")


def _evaluated(template: str, scope: dict[str, Any], choose: random.Random) -> None:
    environment = choose.choice((REQUEST_SIDE, RESPONSE_SIDE))
    made = scope_from_json(deepcopy(scope))
    arguments = made.arguments(environment)
    compiled = compile_template(
        template, environment=environment, expects=choose.choice(EXPECTS), properties=made.properties
    )
    _inside(template, compiled.findings)
    try:
        text(compiled(*arguments))
    except EvaluationError:
        pass
    for _, part in explain(compiled, *arguments).walk():
        if not 0 <= part.span.start <= part.span.end <= len(template):
            raise AssertionError("an explanation points outside of the text")
    compile_lvalue(template, environment, made.properties).set("value", *arguments)


def _patterns(template: str) -> None:
    for pattern in template.split("'")[1::2]:
        try:
            found = Matcher(pattern)
            for use in (found.find, found.matches, found.groups, found.split, lambda value: found.replace(value, "-")):  # noqa: B023
                use("abc /home/abc 12 é\n" * 3)
        except (PatternError, EvaluationError):
            continue


def broken(template: str, scope: dict[str, Any], choose: random.Random) -> str:
    """What is wrong with the handling of a template, or an empty text."""
    start = time.process_time()  # of this process: the machine may be busy with others
    try:
        _patterns(template)
        _evaluated(template, scope, choose)
    except DiagnosticError as error:
        try:
            _inside(template, error.diagnostics)
        except AssertionError as problem:
            return str(problem)
    except Exception:
        return traceback.format_exc()
    taken = time.process_time() - start
    return f"it took {taken:.1f} s" if taken > SLOWEST else ""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10**9)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    choose = random.Random(options.seed)
    start, end = seeds(), time.monotonic() + options.seconds
    done = 0
    while done < options.runs and time.monotonic() < end:
        scope, template = choose.choice(start)
        template = mutated(template, start, choose)
        problem = broken(template, scope, choose)
        done += 1
        if problem:
            print(f"seed {options.seed}, template {done}: {template!r}\n{problem}")
            return 1
    print(f"expressions: {done} templates, all of them a value or an error of ours")
    return 0


if __name__ == "__main__":
    sys.exit(main())
