"""Secrets that can be told apart, and the search for them in everything that the gateways of the tests wrote.

A test takes its secrets from `canary`, and tells with `learn` of those that somebody made while it ran. What a gateway
writes comes here by itself where that can be had (`watch`), and by `wrote` from the helpers that start gateways or talk
to them. After each test tests/conftest.py asks for `leaks`.
"""

from __future__ import annotations

import base64
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partialmethod, wraps
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import aiohttp
import pytest
from click.testing import CliRunner

MARKER = "CnryZq8x"
"""What every canary begins with: long enough to be found in base64 wherever it stands, and in what was cut off."""
LONG_ENOUGH = 8
"""Shorter pieces of base64 could be there by chance."""
TELLING = 24
"""So many characters of a learned secret are looked for, so that one which was cut off is found too."""
ROOT = Path(__file__).parents[1]
_PACKAGES = tuple(str(ROOT / name) + os.sep for name in ("gateway", "config", "expr", "tests"))

_learned: dict[str | bytes, str] = {}
_places: list[tuple[str, str]] = []
_files_of_gateways: set[str] = set()
_files_of_tests: set[str] = set()


# ------------------------------------------------------------------------------------------------------------- secrets


def canary(name: str) -> str:
    """A secret of the tests; the same name gives the same one."""
    return MARKER + re.sub(r"\W", "", name.title())


SENT = {
    "Authorization": f"Bearer {canary('sent-token')}",
    "Cookie": f"sso={canary('sent-cookie')}",
    "X-Api-Key": canary("sent-key"),
}
"""Fields of requests that say nothing of credentials, so that all traffic has some."""


def packed(secret: str) -> str:
    """A secret as stores want it that read base64."""
    return base64.b64encode(secret.encode()).decode()


def learn(name: str, value: str | bytes) -> None:
    """Take up a secret that was made while a test runs, a token part by part; simple ones could be there by chance."""
    is_token = isinstance(value, str) and value.startswith("eyJ")
    for part in value.split(".")[1:] if is_token else [value]:
        if len(part) >= 2 * LONG_ENOUGH and len({*part}) >= LONG_ENOUGH:
            _learned[part[:TELLING]] = name


def learn_cookies(lines: Iterable[str]) -> None:
    """Take up the values of Set-Cookie fields."""
    for line in lines:
        learn("a cookie", line.partition(";")[0].partition("=")[2])


def learn_credentials(field: str) -> None:
    """Take up what stands in an Authorization field."""
    learn("credentials", field.rpartition(" ")[2])


def after(owner: type, method: str, look_at: Callable[..., object]) -> None:
    """Look at what every call of a method gives, and at its arguments."""
    called = getattr(owner, method)

    @wraps(called)
    def calling(*arguments: Any, **named: Any) -> Any:
        result = called(*arguments, **named)
        look_at(result, *arguments)
        return result

    setattr(owner, method, calling)


# ----------------------------------------------------------------------------------------------------- what was written


def wrote(place: str, text: str | bytes) -> None:
    """Keep what a gateway wrote until the test has ended."""
    _places.append((place, text if isinstance(text, str) else text.decode("latin-1")))


def answered(status: int, what: str, text: str | bytes) -> None:
    """Keep an answer that a gateway made itself: in the tests, those that tell of an error."""
    if status >= 400:
        wrote(f"an answer with {status}", f"{what}\n{text if isinstance(text, str) else text.decode('latin-1')}")


def watch() -> None:
    """From now on keep log records, printed texts and answers of this process, and know who opened files to write."""
    record_of, formatter = logging.getLogRecordFactory(), logging.Formatter()

    def keeping(*arguments: Any, **named: Any) -> logging.LogRecord:
        record = record_of(*arguments, **named)
        wrote(f"the log {record.name}", formatter.format(record))
        return record

    logging.setLogRecordFactory(keeping)
    sys.addaudithook(_opening)
    after(pytest.CaptureFixture, "readouterr", lambda printed, _: wrote("stdout or stderr", "".join(map(str, printed))))
    after(subprocess.Popen, "communicate", lambda printed, *_: wrote("a child process", "".join(map(str, printed))))
    after(pytest.ExceptionInfo, "fill_unfilled", lambda _, __, raised: wrote("an exception", _told_by(raised[1])))
    after(CliRunner, "invoke", lambda done, *_: wrote("the output of a command", done.output))
    made = aiohttp.ClientSession.__init__
    aiohttp.ClientSession.__init__ = partialmethod(made, trace_configs=[_overhearing()])  # type: ignore[assignment]


def _told_by(error: BaseException | None) -> str:
    """What an exception says, and those that it came of."""
    return f"{error}\n{_told_by(error.__cause__ or error.__context__)}" if error is not None else ""


def _overhearing() -> aiohttp.TraceConfig:
    """Hears the answers that a client gets."""

    async def began(_: object, exchange: Any, end: aiohttp.TraceRequestEndParams) -> None:
        exchange.status = end.response.status
        learn_cookies(end.response.headers.getall("Set-Cookie", []))
        answered(exchange.status, str(end.url.path), str(end.response.headers))

    async def went_on(_: object, exchange: Any, piece: aiohttp.TraceResponseChunkReceivedParams) -> None:
        answered(exchange.status, str(piece.url.path), piece.chunk)

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(began)
    trace.on_response_chunk_received.append(went_on)
    return trace


def _opening(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        path, _, flags = arguments
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and isinstance(path, str | os.PathLike):
            _note(str(Path(path).absolute()))
    elif event == "sqlite3.connect":
        _note(str(Path(os.fsdecode(arguments[0])).absolute()))
    elif event == "os.rename" and str(arguments[0]) in _files_of_tests:
        _files_of_tests.add(str(arguments[1]))


def _note(path: str) -> None:
    """Whose file it is says the innermost function of this project that has a hand in opening it."""
    frame = sys._getframe(2)
    while frame.f_back is not None and not frame.f_code.co_filename.startswith(_PACKAGES):
        frame = frame.f_back
    own = frame.f_code.co_filename.startswith(_PACKAGES[-1])
    (_files_of_tests if own else _files_of_gateways).add(path)


def _files(directory: Path | None) -> Iterator[tuple[str, str]]:
    """What gateways left in files, here or in a process of their own: all in the directory that no test wrote."""
    below = [str(file) for file in directory.rglob("*") if file.is_file()] if directory is not None else []
    for name in {*below, *_files_of_gateways} - _files_of_tests:
        file = Path(name)
        if file.is_file() and not name.startswith(str(ROOT)):
            yield f"the file {file.name}", file.read_text("latin-1")


# -------------------------------------------------------------------------------------------------------------- search


def leaks(directory: Path | None = None) -> list[str]:
    """Where a secret was found in what gateways wrote since the last time."""
    found = list(found_in([*_places, *_files(directory)]))
    _places.clear()
    _files_of_gateways.clear()
    return found


def forget() -> None:
    """A test has ended: what it wrote and what was made in it is of no use any more."""
    for kept in (_places, _learned, _files_of_gateways, _files_of_tests):
        kept.clear()


def found_in(places: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Where which secret was found, in which form."""
    searched: list[tuple[str | bytes, str]] = [(MARKER, "a canary"), *_learned.items()]
    for place, content in places:
        for secret, name in searched:
            if found := _pattern(secret).search(content):
                around = content[max(0, found.start() - 150) : found.end() + 80]
                yield f"{name} as {_form(secret, found[0])} in {place}: ...{around}..."


@lru_cache(64)
def _pattern(secret: str | bytes) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(text) for text in {text for _, text in forms(secret)}))


def _form(secret: str | bytes, found: str) -> str:
    return next(form for form, text in forms(secret) if text == found)


def forms(secret: str | bytes) -> Iterator[tuple[str, str]]:
    """The secret as it is and as it would stand in other encodings, wherever in a longer text it begins."""
    raw = secret.encode() if isinstance(secret, str) else secret
    text = secret if isinstance(secret, str) else secret.decode("latin-1")
    yield "plain text", text
    yield "plain text", raw.decode("latin-1")
    yield "URL-encoded text", quote_plus(raw)
    yield "URL-encoded text", quote(raw, safe="")
    for hexadecimal in (raw.hex(), raw.hex().upper()):
        yield "hexadecimal digits", hexadecimal
        yield "percent-encoded text", re.sub("(..)", r"%\1", hexadecimal)
    yield "a list of bytes", ", ".join(map(str, raw))
    for offset in range(3):
        # Only the groups that are made of nothing but the secret are the same in every surrounding.
        packed = base64.b64encode(bytes(offset) + raw).decode()
        whole = packed[4 if offset else 0 : 4 * ((offset + len(raw)) // 3)]
        if len(whole) >= LONG_ENOUGH:
            yield "base64", whole
            yield "base64 for URLs", whole.replace("+", "-").replace("/", "_")
