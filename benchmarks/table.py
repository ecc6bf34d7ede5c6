"""Results as Markdown, which is what the terminal shows and what README.md holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.result import Result


def table(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table: the first column to the left, numbers to the right."""
    rows = [tuple(columns), *(tuple(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(columns))]
    marks = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(row, widths) for row in [rows[0], tuple(marks), *rows[1:]])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    texts = [
        cell.ljust(width) if not at else cell.rjust(width)
        for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return f"| {' | '.join(texts)} |"


def shown(result: Result) -> str:
    """A row with its heading, table, notes and goals."""
    parts = [f"### ({result.letter}) {result.title}", table(result.columns, result.lines)]
    parts.extend(result.notes)
    if result.goals:
        parts.append(
            "\n".join(f"- {goal.claim}: {goal.found}{'' if goal.reached else ' MISSED'}" for goal in result.goals)
        )
    return "\n\n".join(parts)


def summary(results: Iterable[Result]) -> str:
    """All goals in one table."""
    lines = [
        (f"({result.letter}) {goal.claim}", goal.found, "yes" if goal.reached else "no")
        for result in results
        for goal in result.goals
    ]
    return table(("goal", "found", "reached"), lines) if lines else "no goals in these rows"
