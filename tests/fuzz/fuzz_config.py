"""Mutates configuration files and reads them: whatever comes out, it is a value or a finding inside the file.

    python -m tests.fuzz.fuzz_config --runs 10000 --seed 1

Reading, tokens, transformations and rendering take part. Stops after `--runs` files or `--seconds`, and prints the file
that broke the rule.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from config.read import decoded, read_document
from config.render import concise, full, github, json, sarif
from config.resolver import Resolver, TokenFiles
from config.tokens import substitute
from config.transformations import transform
from config.values import Map
from expr.diagnostic import Diagnostic, DiagnosticError

ROOT = Path(__file__).parent.parent.parent
SCRAPS = [
    *"{}[],:\"'\\/&|$#*!<>-?% \t\n\r\0\ufeff\u2028é漢",
    *("&{", "&{a|", "\\&{", "${", "#{", "//", "/*", "*/", "\\u", "\\ud83d", "\ud800", "1e999", "NaN", "true", "null"),
    *('{"$int":', '{"$base64:decode":', '"$charset":', "---", "<<: ", "&a ", "*a", "!!str ", "- ", "? ", "[" * 300),
]
SURROUNDINGS = Resolver(environ={"A": "${b}"}, system={}, files=TokenFiles(), properties={"port": 8080})


def mutated(text: str, other: str, choose: random.Random) -> str:
    """The text with a few small changes."""
    for _ in range(choose.randint(1, 4)):
        start, end = sorted((choose.randint(0, len(text)), choose.randint(0, len(text))))
        end = min(end, start + choose.choice((0, 1, 5, 40)))
        middle = choose.choice(("", choose.choice(SCRAPS), text[start:end] * 2, other[start:end]))
        text = text[:start] + middle + text[end:]
    return text[: choose.randint(0, len(text))] if choose.random() < 0.1 else text


def check(content: bytes, name: str) -> None:
    """Read a file as `lint` and as `run` do; raises when the rule is broken."""
    try:
        source = decoded(content, name)
        value = read_document(source)
    except DiagnosticError as error:
        check_findings(error.diagnostics)
        return
    if isinstance(value, Map):
        check_places(value)
    findings: list[Diagnostic] = []
    transform(substitute(value, SURROUNDINGS, findings, lint=True), findings, lint=True)
    check_findings(findings)
    try:
        transform(substitute(value, SURROUNDINGS, findings), findings)
    except DiagnosticError as error:
        check_findings(error.diagnostics)


def check_places(value: Map) -> None:
    """Members lie inside their object, keys before values."""
    for key in value:
        key_span, span = value.key_span(key), value.value_span(key)
        assert 0 <= key_span.start <= key_span.end <= len(value.source.text), key
        assert 0 <= span.start <= span.end <= len(value.source.text), key
        if isinstance(value[key], Map):
            check_places(value[key])


def check_findings(findings: list[Diagnostic] | tuple[Diagnostic, ...]) -> None:
    """They lie inside their file and can be shown."""
    for found in findings:
        assert found.message, found.code
        assert 0 <= found.span.start <= found.span.end <= len(found.source.text), found.span
    forms: tuple[Callable[[list[Diagnostic]], str], ...] = (
        full.render, concise.render, github.render, json.render, sarif.render,
    )  # fmt: skip
    for form in forms:
        form(list(findings)).encode()


def main() -> int:
    """Run it; 1 when the rule was broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    files = [*sorted((ROOT / "routes").rglob("*.json")), *sorted((ROOT / "tests/data/render/in").iterdir())]
    texts = [path.read_text(encoding="utf-8") for path in files]
    choose = random.Random(options.seed)
    until = time.monotonic() + options.seconds
    for run in range(options.runs):
        if time.monotonic() > until:
            break
        text = mutated(choose.choice(texts), choose.choice(texts), choose)
        content = text.encode("utf-8", choose.choice(("replace", "surrogatepass")))
        name = choose.choice(("route.json", "route.yaml"))
        try:
            check(content, name)
        except Exception:
            traceback.print_exc()
            sys.stdout.write(f"run {run} of seed {options.seed}, as {name}:\n{content!r}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
