"""Evaluation of the same expressions by Gatewright, by hand-written closures, and by other engines, in one run.

    python -m benchmarks.expressions

Every number is a ratio to the closure of its row, which has the same null-safe semantics. Engines that are not
installed are said to be missing; this installs them:

    pip install --target benchmarks/.peers/engines cel-python common-expression-language jinja2 simpleeval
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from expr import compile_template, types
from expr.parse import parse
from gateway.http.bindings import REQUEST_SIDE
from gateway.http.scope import scope_from_json

PEERS = Path(__file__).parent / ".peers" / "engines"
ROUNDS = 15
SECONDS = 0.02
SCOPE = {
    "request": {"method": "POST", "uri": "http://app.example.com/home/abc?x=1", "headers": {"X-Target": ["yes"]}},
    "attributes": {"count": 5, "user": {"name": "joe", "roles": ["a", "b"]}},
    "session": {"username": "demo"},
    "contexts": {"oauth2": {"accessToken": {"token": "t", "info": {"sub": "me"}}}},
}
PLAIN = {
    "request": {"method": "POST", "uri": {"path": "/home/abc"}, "headers": {"X-Target": ["yes"]}},
    "attributes": SCOPE["attributes"],
    "session": SCOPE["session"],
    "contexts": SCOPE["contexts"],
}
"""The same for engines that know maps and lists only."""
Run = Callable[[], Any]


class Row(NamedTuple):
    """One expression in the notation of each engine; empty where it has none."""

    template: str
    expects: types.Type
    closure: Callable[[Any, Any], Any]
    cel: str
    jinja: str
    simple: str
    jmespath: str = ""


_HOME = re.compile("^/home").search
_SIZED = (str, list, dict)
_CLASS = re.compile("^/home/[a-z]+$").search


def _find(context: Any, request: Any) -> Any:
    uri = request.uri if request is not None else None
    path = uri.path if uri is not None else None
    return path is not None and _HOME(path) is not None


def _login(context: Any, request: Any) -> Any:
    if request is None or request.method != "POST":
        return False
    uri = request.uri
    path = uri.path if uri is not None else None
    return path is not None and _CLASS(path) is not None


def _header(context: Any, request: Any) -> Any:
    headers = request.headers if request is not None else None
    values = headers.all("X-Target") if headers is not None else None
    return (values[0] if values else None) == "yes"


def _claim(context: Any, request: Any) -> Any:
    oauth2 = context.find("oauth2") if context is not None else None
    token = oauth2.access_token if oauth2 is not None else None
    info = token.info if token is not None else None
    return info.get("sub") if isinstance(info, dict) else None


def _text(context: Any, request: Any) -> Any:
    attributes = context.root.attributes
    count = attributes.get("count") if attributes is not None else None
    return f"count={'' if count is None else count};"


def _present(context: Any, request: Any) -> Any:
    session = context.session
    name = session.get("username") if session is not None else None
    return not (name is None or (isinstance(name, _SIZED) and len(name) == 0))


def _number(context: Any, request: Any) -> Any:
    count = context.root.attributes.get("count")
    if count is None:
        count = 0
    if not isinstance(count, int):
        raise TypeError
    total = count + 1
    if not -(2**63) <= total < 2**63:
        total = (total + 2**63) % 2**64 - 2**63
    return total > 3


def _choice(context: Any, request: Any) -> Any:
    user = context.root.attributes.get("user")
    name = user.get("name") if isinstance(user, dict) else None
    starts = name.startswith("j") if isinstance(name, str) else False
    return "yes" if starts else "no"


ROWS = (
    Row("${find(request.uri.path, '^/home')}", types.BOOLEAN, _find,
        "request.uri.path.matches('^/home')", "search(request.uri.path)", "search(request.uri.path)",
        "starts_with(request.uri.path, '/home')"),
    Row("${request.method == 'POST' and find(request.uri.path, '^/home/[a-z]+$')}", types.BOOLEAN, _login,
        "request.method == 'POST' && request.uri.path.matches('^/home/[a-z]+$')",
        "request.method == 'POST' and search(request.uri.path)",
        "request.method == 'POST' and search(request.uri.path)",
        "request.method == 'POST' && starts_with(request.uri.path, '/home/')"),
    Row("${request.headers['X-Target'][0] == 'yes'}", types.BOOLEAN, _header,
        "request.headers['X-Target'][0] == 'yes'", "request.headers['X-Target'][0] == 'yes'",
        "request.headers['X-Target'][0] == 'yes'", "request.headers.\"X-Target\"[0] == 'yes'"),
    Row("${contexts.oauth2.accessToken.info.sub}", types.STRING, _claim,
        "contexts.oauth2.accessToken.info.sub", "contexts.oauth2.accessToken.info.sub",
        "contexts.oauth2.accessToken.info.sub", "contexts.oauth2.accessToken.info.sub"),
    Row("count=${attributes.count};", types.STRING, _text,
        "'count=' + string(attributes.count) + ';'", "'count=' ~ attributes.count ~ ';'",
        "'count=' + str(attributes.count) + ';'"),
    Row("${not empty session.username}", types.BOOLEAN, _present,
        "size(session.username) > 0", "session.username|length > 0", "len(session.username) > 0",
        "length(session.username) > `0`"),
    Row("${attributes.count + 1 > 3}", types.BOOLEAN, _number,
        "attributes.count + 1 > 3", "attributes.count + 1 > 3", "attributes.count + 1 > 3"),
    Row("${attributes.user.name.startsWith('j') ? 'yes' : 'no'}", types.STRING, _choice,
        "attributes.user.name.startsWith('j') ? 'yes' : 'no'",
        "'yes' if attributes.user.name.startswith('j') else 'no'",
        "'yes' if attributes.user.name.startswith('j') else 'no'"),
)  # fmt: skip


def _cel_rust() -> Callable[[Row], Run]:
    import cel

    def prepare(row: Row) -> Run:
        program = cel.compile(row.cel)
        context = cel.Context(PLAIN)
        return lambda: program.execute(context)

    return prepare


def _cel_python() -> Callable[[Row], Run]:
    import celpy

    environment = celpy.Environment()
    activation = celpy.json_to_cel(PLAIN)

    def prepare(row: Row) -> Run:
        program = environment.program(environment.compile(row.cel))
        return lambda: program.evaluate(activation)

    return prepare


def _jinja() -> Callable[[Row], Run]:
    import jinja2

    environment = jinja2.Environment(autoescape=False)  # noqa: S701  nothing is rendered to a page

    def prepare(row: Row) -> Run:
        compiled = environment.compile_expression(row.jinja)
        scope = {**PLAIN, "search": _CLASS if "POST" in row.template else _HOME}
        return lambda: compiled(**scope)

    return prepare


def _simpleeval() -> Callable[[Row], Run]:
    import simpleeval

    def prepare(row: Row) -> Run:
        search = _CLASS if "POST" in row.template else _HOME
        evaluator = simpleeval.EvalWithCompoundTypes(names=PLAIN, functions={"search": search, "len": len, "str": str})
        parsed = evaluator.parse(row.simple)
        return lambda: evaluator.eval(row.simple, previously_parsed=parsed)

    return prepare


def _jmespath() -> Callable[[Row], Run]:
    import jmespath

    def prepare(row: Row) -> Run:
        compiled = jmespath.compile(row.jmespath)
        return lambda: compiled.search(PLAIN)

    return prepare


ENGINES: dict[str, tuple[str, Callable[[], Callable[[Row], Run]]]] = {
    "cel (Rust)": ("cel", _cel_rust),
    "cel-python": ("cel", _cel_python),
    "jinja2": ("jinja", _jinja),
    "simpleeval": ("simple", _simpleeval),
    "jmespath": ("jmespath", _jmespath),
}


def seconds(run: Run) -> float:
    """The best time of one call over several rounds."""
    number = 1
    while _time(run, number) < SECONDS / 4:
        number *= 2
    return min(_time(run, number) for _ in range(ROUNDS)) / number


def _time(run: Run, number: int) -> float:
    repeat = range(number)
    start = perf_counter()
    for _ in repeat:
        run()
    return perf_counter() - start


def _engines() -> dict[str, tuple[str, Callable[[Row], Run]]]:
    sys.path.append(str(PEERS))
    found = {}
    for name, (notation, load) in ENGINES.items():
        try:
            found[name] = (notation, load())
        except ImportError:
            print(f"{name} is not installed: no column for it")
    return found


def evaluation(engines: dict[str, tuple[str, Callable[[Row], Run]]]) -> bool:
    """Print the table of evaluations; true when the goals hold on every row."""
    print(
        f"\n{'evaluation, as a multiple of the closure':64} {'closure':>9} {'Gatewright':>11}",
        *(f"{n:>11}" for n in engines),
    )
    scope = scope_from_json(SCOPE)
    context, request = scope.arguments(REQUEST_SIDE)
    reached = True
    for row in ROWS:
        compiled = compile_template(row.template, environment=REQUEST_SIDE, expects=row.expects).prepare()
        closure, evaluate = row.closure, compiled.evaluate
        if closure(context, request) != evaluate(context, request):
            raise SystemExit(f"{row.template}: the closure gives something else")
        base = seconds(lambda: closure(context, request))  # noqa: B023
        own = seconds(lambda: evaluate(context, request)) / base  # noqa: B023
        others = [
            seconds(prepare(row)) / base if getattr(row, notation) else None for notation, prepare in engines.values()
        ]
        reached &= own <= 2 and all(other is None or own < other for other in others)
        cells = (f"{'-' if other is None else f'{other:.1f}':>11}" for other in others)
        print(f"{row.template:75} {base * 1e9:6.0f} ns {own:11.2f}", *cells)
    return reached


def parsing() -> bool:
    """Print what a first parse takes; true when it is below a millisecond for 100 characters."""
    base = "find(request.uri.path, '^/home/[a-z]+$') and request.method == 'POST' and not empty session.username"
    texts = iter(f"{base[:24]}{number % 10_000_000:07d}{base[31:]}" for number in range(10**9))
    parse(base, 0, len(base))

    def own() -> Any:
        text = next(texts)
        return parse(text, 0, len(text))

    def whole() -> Any:
        return compile_template(f"${{{next(texts)}}}", environment=REQUEST_SIDE, expects=types.BOOLEAN)

    parsed, checked = seconds(own), seconds(whole)
    print(f"\nfirst parse of {len(base)} characters: {parsed * 1e6:.0f} µs; parsed and checked: {checked * 1e6:.0f} µs")
    return parsed < 0.001


def main() -> None:
    reached = [evaluation(_engines()), parsing()]
    print(
        "goals (at most 2 closures, ahead of every engine on every row, parse below 1 ms):",
        "reached" if all(reached) else "missed",
    )


if __name__ == "__main__":
    main()
