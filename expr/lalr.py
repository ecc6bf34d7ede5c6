"""The parse table that Lark makes of a grammar, kept in a cache of the user, and a small machine that runs it.

Lark turns the grammar into an LALR(1) table once; importing it and building the table takes some hundred times longer
than parsing an expression, so the table is kept as plain data, and a process that finds it never imports Lark.
"""

from __future__ import annotations

import marshal
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

FORMAT = 1
END = "$END"
Token = tuple[str, str, int, int]
"""Terminal, text, start and end."""
Action = Callable[[list[Any], int, int], Any]
Rule = tuple[str, int, Action | None, list[tuple[int, bool]], bool]
"""Origin, number of symbols, action, the kept symbols (with: is it a list to splice?), and keep-a-single-child."""


class Unexpected(Exception):
    """No token, or no place for the token: `expected` names the terminals that could stand there."""

    def __init__(self, token: Token | None, start: int, expected: frozenset[str]) -> None:
        super().__init__(start)
        self.token = token
        self.start = start
        self.expected = expected


class Table(NamedTuple):
    """Plain data that `marshal` keeps."""

    states: list[dict[str, int]]
    """For each state: terminal -> state to shift to, or -1 - rule to reduce; rule name -> state to go to."""
    start: int
    end: int
    rules: list[tuple[str, int, str, list[tuple[int, bool]], bool]]
    """As `Rule`, with the name of the action."""
    terminals: list[tuple[str, str]]
    """Name and regular expression, in the order of trying."""
    words: dict[str, str]
    """Reserved words: text -> terminal."""
    ignored: list[str]


class Parser:
    """Runs a table over a text with one action for each kind of node."""

    def __init__(self, table: Table, actions: dict[str, Action], identifier: str) -> None:
        self._states = table.states
        self._start, self._end = table.start, table.end
        self._rules: list[Rule] = [
            (origin, size, actions.get(action), keep, single) for origin, size, action, keep, single in table.rules
        ]
        self._match = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in table.terminals)).match
        self._words = table.words
        self._ignored = frozenset(table.ignored)
        self._identifier = identifier

    def tokens(self, text: str, start: int, end: int) -> list[Token]:
        """The tokens of a part of a text."""
        found: list[Token] = []
        match, words, ignored, identifier = self._match, self._words, self._ignored, self._identifier
        while start < end:
            hit = match(text, start, end)
            if hit is None:
                raise Unexpected(None, start, frozenset())
            kind = hit.lastgroup or ""
            stop = hit.end()
            if kind not in ignored:
                word = hit.group()
                found.append((words.get(word, kind) if kind == identifier else kind, word, start, stop))
            start = stop
        found.append((END, "", end, end))
        return found

    def parse(self, text: str, start: int, end: int) -> Any:
        """What the actions make of a part of a text; raises Unexpected."""
        states, rules = self._states, self._rules
        stack = [self._start]
        values: list[Any] = []
        starts: list[int] = []
        ends: list[int] = []
        for token in self.tokens(text, start, end):
            kind = token[0]
            while True:
                target = states[stack[-1]].get(kind)
                if target is None:
                    raise Unexpected(token, token[2], self._acceptable(stack))
                if target >= 0:
                    stack.append(target)
                    values.append(token)
                    starts.append(token[2])
                    ends.append(token[3])
                    break
                rule = rules[-1 - target]
                origin, size, _, _, single = rule
                if not single or size != 1:
                    _reduce(values, starts, ends, rule)
                if size:
                    del stack[-size:]
                stack.append(states[stack[-1]][origin])
                if kind == END and stack[-1] == self._end:
                    return values[-1]
        raise AssertionError("the table accepts no end")

    def _acceptable(self, stack: list[int]) -> frozenset[str]:
        rules = {rule[0] for rule in self._rules}
        kinds = self._states[stack[-1]].keys() - rules
        return frozenset(kind for kind in kinds if self._accepts(list(stack), kind))

    def _accepts(self, stack: list[int], kind: str) -> bool:
        # A state of an LALR table lists tokens of all its contexts: only reducing tells which can stand here.
        while (target := self._states[stack[-1]].get(kind)) is not None:
            if target >= 0:
                return True
            origin, size = self._rules[-1 - target][:2]
            if size:
                del stack[-size:]
            if origin not in self._states[stack[-1]]:
                return False
            stack.append(self._states[stack[-1]][origin])
            if kind == END and stack[-1] == self._end:
                return True
        return False


def _reduce(values: list[Any], starts: list[int], ends: list[int], rule: Rule) -> None:
    _, size, action, keep, single = rule
    base = len(values) - size
    kept: list[Any] = []
    for index, is_list in keep:
        if is_list and not index:
            kept = values[base]  # grown in place, or long lists would be copied for each element
        elif is_list:
            kept.extend(values[base + index])
        else:
            kept.append(values[base + index])
    first, last = starts[base], ends[-1]
    value = kept[0] if single and len(kept) == 1 else kept if action is None else action(kept, first, last)
    del values[base:], starts[base:], ends[base:]
    values.append(value)
    starts.append(first)
    ends.append(last)


def load_table(grammar: str, start: str, identifier: str) -> Table:
    """The table of a grammar: from the cache, or made by Lark and put there when that is possible."""
    path = _cache_path(grammar)
    if path is not None:
        try:
            return Table(*marshal.loads(_own_bytes(path)))  # noqa: S302  a file that this user has written
        except (OSError, ValueError, EOFError, TypeError):
            pass
    table = build_table(grammar, start, identifier)
    if path is not None:
        _keep(path, marshal.dumps(tuple(table)))
    return table


def build_table(grammar: str, start: str, identifier: str) -> Table:
    """Let Lark make the table."""
    from lark import Lark
    from lark.parsers.lalr_analysis import Shift

    lark = Lark(grammar, parser="lalr", start=start, lexer="basic", maybe_placeholders=False)
    parse_table = lark.parser.parser._parse_table
    rules = list(
        dict.fromkeys(arg for row in parse_table.states.values() for kind, arg in row.values() if kind is not Shift)
    )
    numbers = {rule: number for number, rule in enumerate(rules)}
    states = [
        {name: arg if kind is Shift else -1 - numbers[arg] for name, (kind, arg) in parse_table.states[state].items()}
        for state in range(len(parse_table.states))
    ]
    terminals, words = _terminals(lark, identifier)
    return Table(
        states,
        parse_table.start_states[start],
        parse_table.end_states[start],
        [_rule(rule) for rule in rules],
        terminals,
        words,
        list(lark.lexer_conf.ignore),
    )


def _rule(rule: Any) -> tuple[str, int, str, list[tuple[int, bool]], bool]:
    keep = [
        (index, symbol.name.startswith("_"))
        for index, symbol in enumerate(rule.expansion)
        if not (symbol.is_term and symbol.filter_out and not rule.options.keep_all_tokens)
    ]
    action = rule.alias or rule.origin.name
    helper = rule.origin.name.startswith("_")  # Lark's own rules for `*`: lists, which share the options of their rule
    # Operator rules have no node of their own: their token stands for them.
    single = not helper and (bool(rule.options.expand1 and not rule.alias) or rule.origin.name.endswith("_operator"))
    return str(rule.origin.name), len(rule.expansion), "" if helper else str(action), keep, single


def _terminals(lark: Any, identifier: str) -> tuple[list[tuple[str, str]], dict[str, str]]:
    name = next(re.compile(t.pattern.to_regexp()) for t in lark.terminals if t.name == identifier)
    words = {
        t.pattern.value: t.name for t in lark.terminals if t.pattern.type == "str" and name.fullmatch(t.pattern.value)
    }
    order = sorted(
        lark.terminals, key=lambda t: (-t.priority, -(len(t.pattern.value) if t.pattern.type == "str" else 0), t.name)
    )
    return [(t.name, t.pattern.to_regexp()) for t in order if t.name not in words.values()], words


def _cache_path(grammar: str) -> Path | None:
    from hashlib import sha256

    key = "\0".join((str(FORMAT), sys.version, _lark_version(), grammar))
    try:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        return None
    return home / "gatewright" / f"grammar-{sha256(key.encode()).hexdigest()[:32]}.table"


def _own_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        owner = os.fstat(file.fileno()).st_uid
        if hasattr(os, "getuid") and owner != os.getuid():
            raise PermissionError(f"{path} belongs to another user")
        return file.read()


def _lark_version() -> str:
    from importlib.util import find_spec

    spec = find_spec("lark")
    if spec is None or spec.origin is None:
        return ""
    found = re.search(r'^__version__[^"]*"([^"]*)"', Path(spec.origin).read_text("utf-8"), re.MULTILINE)
    return found.group(1) if found else ""


def _keep(path: Path, data: bytes) -> None:
    # A reader never sees half a file: it is written aside and renamed. That it cannot be written is no fault.
    import tempfile

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".grammar-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
    except OSError:
        pass
