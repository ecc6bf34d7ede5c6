"""Findings with the line of the source they point at, for people at a terminal.

error: a comma before "}" [GW101 json-syntax]
  --> route.json:3:12
   |
 3 |   "name": 1,
   |            ^
   = help: remove the comma after the last value
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from config.render.excerpt import Line, hidden_parts
from config.render.order import MOST, level_name, ordered, printable, summary
from expr.diagnostic import Diagnostic, Severity
from expr.source import Source, Span

WIDTH = 120
_COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}
_FRAME = "blue"
_LABEL = "bold blue"

Segment = tuple[str, str]
"""Text and its style."""


@dataclass(frozen=True)
class _Mark:
    """A part of a source that is underlined."""

    source: Source
    span: Span
    text: str
    sign: str
    style: str

    @property
    def line(self) -> int:
        return self.source.position(self.span.start).line

    def columns_of(self, line: int) -> tuple[int, int]:
        """First and last character of the mark in its line."""
        start = self.source.position(self.span.start).column - 1
        end = self.source.position(self.span.end)
        return start, end.column - 1 if end.line == line else max(start + 1, len(self.source.line(line)))


def render(diagnostics: Iterable[Diagnostic], *, colour: bool = False, width: int = WIDTH) -> str:
    """Excerpts of at most a hundred findings and their count; `colour` adds terminal codes."""
    found = ordered(diagnostics)
    lines: list[list[Segment]] = []
    for diagnostic in found[:MOST]:
        lines += [*_finding(diagnostic, max(width, 40)), []]
    if found:
        lines.append([(summary(found), "bold")])
    if colour:
        return _coloured(lines)
    return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines)


def _finding(diagnostic: Diagnostic, width: int) -> Iterator[list[Segment]]:
    style = _COLOURS[diagnostic.level]
    name = f" [{diagnostic.code.id} {diagnostic.code.rule}]"
    yield [(level_name(diagnostic), style), (f": {printable(diagnostic.message)}", "bold"), (name, "dim")]
    marks = [_Mark(diagnostic.source, diagnostic.span, "", "^", style)]
    marks += [_Mark(label.source, label.span, printable(label.text), "-", _LABEL) for label in diagnostic.labels]
    gutter = max(len(str(mark.line)) for mark in marks)
    for number, source in enumerate(dict.fromkeys(mark.source for mark in marks)):
        here = [mark for mark in marks if mark.source is source]
        yield [(f"{' ' * gutter}{'-->' if number == 0 else ':::'} ", _FRAME), (_place(here[0]), "")]
        if source.text:
            yield from _excerpt(source, here, gutter, width)
    if diagnostic.help:
        yield [(f"{' ' * gutter} = ", _FRAME), ("help", "bold"), (f": {printable(diagnostic.help)}", "")]
    if diagnostic.fix and diagnostic.fix.title != diagnostic.help:
        yield [(f"{' ' * gutter} = ", _FRAME), ("fix", "bold"), (f": {printable(diagnostic.fix.title)}", "")]


def _place(mark: _Mark) -> str:
    position = mark.source.position(mark.span.start)
    return f"{printable(mark.source.name)}:{position.line}:{position.column}"


def _excerpt(source: Source, marks: list[_Mark], gutter: int, width: int) -> Iterator[list[Segment]]:
    """The marked lines in their order, with dots where lines between them are left out."""
    yield [(f"{' ' * gutter} |", _FRAME)]
    previous = 0
    for number in sorted({mark.line for mark in marks}):
        if previous and number == previous + 2:
            yield [(f"{number - 1:>{gutter}} | ", _FRAME), (_line(source, number - 1, [], gutter, width).text(), "")]
        elif previous and number > previous + 1:
            yield [("...", _FRAME)]
        here = [mark for mark in marks if mark.line == number]
        line = _line(source, number, here, gutter, width)
        yield [(f"{number:>{gutter}} | ", _FRAME), (line.text(), "")]
        for mark in here:
            left, right = line.columns(*mark.columns_of(number))
            underline = f"{' ' * left}{mark.sign * (right - left)} {mark.text}".rstrip()
            yield [(f"{' ' * gutter} | ", _FRAME), (underline, mark.style)]
        previous = number


def _line(source: Source, number: int, marks: list[_Mark], gutter: int, width: int) -> Line:
    start, end = marks[0].columns_of(number) if marks else (0, 0)
    return Line(source.line(number), start, end, width - gutter - 3, hidden_parts(source, number))


def _coloured(lines: list[list[Segment]]) -> str:
    from io import StringIO

    from rich.console import Console
    from rich.text import Text

    target = StringIO()
    console = Console(file=target, force_terminal=True, color_system="standard", soft_wrap=True, legacy_windows=False)
    for line in lines:
        console.print(Text.assemble(*line), soft_wrap=True, highlight=False)
    return target.getvalue()
