"""Words of older expression languages, with what to write today."""

from __future__ import annotations

from dataclasses import replace

from config.values import Text
from expr.codes import REMOVED_FUNCTION, UNKNOWN_NAME
from expr.diagnostic import Code, Diagnostic, Edit, Fix, declare
from expr.source import Span

REMOVED_NAME = declare(
    Code(
        "GW706",
        "removed-name",
        "the object exchange, which expressions no longer have",
        "It is gone since IG 4. What it held are names of their own: `request`, `response`, `session`, `contexts`; "
        "values that scripts and filters left in it are in `attributes`.",
        stops_load=False,
        bad='{"condition": "${exchange.request.method == \'GET\'}", "handler": "ClientHandler"}',
        good='{"condition": "${request.method == \'GET\'}", "handler": "ClientHandler"}',
    )
)
SAME_MEANING = {"matches": "find", "matchingGroups": "findGroups"}
"""Functions that only have another name today."""
OWN_NAMES = ("request", "response", "session")
_EXCHANGE = "exchange."


def with_remedy(finding: Diagnostic, text: str) -> Diagnostic:
    """A finding of an expression, in offsets of its text, with the fix that it has, if any."""
    word = text[finding.span.start : finding.span.end]
    if finding.code is REMOVED_FUNCTION and word in SAME_MEANING:
        return replace(finding, fix=_write(finding.span, SAME_MEANING[word]))
    if finding.code is UNKNOWN_NAME and word == "exchange":
        rest = text[finding.span.start :].removeprefix(_EXCHANGE)
        name = next((name for name in OWN_NAMES if rest.startswith(name)), "")
        span = Span(finding.span.start, finding.span.start + len(_EXCHANGE))
        return Diagnostic(
            REMOVED_NAME,
            "the object exchange is gone since IG 4",
            finding.source,
            finding.span,
            f"write {name or 'attributes'}",
            fix=Fix(f"write {name}", (Edit(span, ""),)) if name else None,
        )
    return finding


def in_file(fix: Fix | None, text: Text) -> Fix | None:
    """A fix with the places of its edits in the file; None where the text is not spelt in it as it is."""
    if fix is None or not text.exact:
        return None
    return replace(fix, edits=tuple(Edit(text.locate(edit.span), edit.text) for edit in fix.edits))


def _write(span: Span, word: str) -> Fix:
    return Fix(f"write {word}", (Edit(span, word),))
