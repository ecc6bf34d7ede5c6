"""Known secrets go through every part that handles secrets; nothing of them is in what the process wrote."""

from __future__ import annotations

import base64
import io
import json
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from expr.diagnostic import DiagnosticError
from tests.gateway.scripted import build, exchange, started
from tests.gateway.session.support import Browser

CANARY = "canary-7f3e1b"
RAW = (CANARY * 3)[:32].encode()
FORMS = [CANARY, base64.b64encode(RAW).decode()[:30], RAW.hex()[:30]]


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Iterator[io.StringIO]:
    """All that is logged, down to the lowest level, with tracebacks."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(1)
    yield text
    root.removeHandler(handler)
    root.setLevel(before)
    out, err = capsys.readouterr()
    for form in FORMS:
        assert form not in text.getvalue() + out + err


def _note(written: io.StringIO, error: BaseException) -> None:
    """What an uncaught error would print, its chain included; local variables are not part of it."""
    written.write("".join(traceback.format_exception(error)))
    if isinstance(error, DiagnosticError):
        written.write("\n".join(f"{d.message} {d.help}" for d in error.diagnostics))


def _variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAW_KEY", base64.b64encode(RAW).decode())
    monkeypatch.setenv("PASS_WORD", CANARY)


KEY_FORMAT = {"type": "SecretKeyPropertyFormat", "config": {"algorithm": "HmacSHA256"}}
FORMATS: list[Any] = ["BASE64", "PLAIN", KEY_FORMAT, {"type": "PemPropertyFormat"}, {"type": "JwkPropertyFormat"}]


@pytest.mark.parametrize("secret_format", FORMATS)
async def test_stores_and_formats(secret_format: Any, tmp_path: Path, monkeypatch: Any, written: io.StringIO) -> None:
    _variables(monkeypatch)
    jwk = json.dumps({"kty": "oct", "k": base64.urlsafe_b64encode(RAW).decode().rstrip("="), "x5c": [CANARY]})
    pem = f"-----BEGIN PRIVATE KEY-----\n{base64.b64encode(RAW).decode()}\n-----END PRIVATE KEY-----\n"
    for name, content in (("a", CANARY), ("b", jwk), ("c", pem), ("d", base64.b64encode(RAW).decode())):
        (tmp_path / name).write_text(content)
    files = {"type": "FileSystemSecretStore", "config": {"directory": str(tmp_path), "format": secret_format}}
    variables = {"type": "SystemAndEnvSecretStore", "config": {"format": secret_format}}
    for declaration, names in ((files, "abcd"), (variables, ["raw.key", "pass.word"])):
        store = build(declaration)
        written.write(f"{store!r} {store}")
        for name in names:
            for ask in (lambda s, n: s.password(n), lambda s, n: s.key(n, _sign())):
                try:
                    written.write(repr(await ask(store, name)))
                except Exception as error:
                    _note(written, error)


def _sign() -> Any:
    from gateway.secrets.secret import Purpose

    return Purpose.SIGN


async def test_keystore_password_and_literals(tmp_path: Path, written: io.StringIO) -> None:
    (tmp_path / "keys.p12").write_bytes(b"0" + RAW)
    passwords = {"type": "Base64EncodedSecretStore", "config": {"secrets": {"p": base64.b64encode(RAW).decode()}}}
    config = {
        "file": str(tmp_path / "keys.p12"),
        "storePasswordSecretId": "p",
        "secretsProvider": passwords,
        "mappings": [{"secretId": "a", "aliases": ["a"]}],
    }
    for kind in ("PKCS12", "JKS", "JCEKS"):
        store = build({"type": "KeyStoreSecretStore", "config": {**config, "storeType": kind}})
        written.write(repr(store))
        try:
            await store.start()
        except DiagnosticError as error:
            _note(written, error)


async def test_tokens_and_their_filters(monkeypatch: Any, written: io.StringIO) -> None:
    _variables(monkeypatch)
    store = {"type": "SystemAndEnvSecretStore", "config": {"format": KEY_FORMAT}}
    signature = {"secretId": "raw.key", "algorithm": "HS256"}
    maker = {
        "type": "JwtBuilderFilter",
        "config": {"template": {"sub": "${attributes.sub}"}, "secretsProvider": store, "signature": signature},
    }
    async with started(maker) as tested:
        outcome = await exchange(tested, attributes={"sub": CANARY})
        token = outcome.forwarded.context.value  # type: ignore[attr-defined]
        written.write(repr(outcome.forwarded.context))
    reader = {
        "type": "JwtValidationFilter",
        "config": {"jwt": "${attributes.jwt}", "verificationSecretId": "raw.key", "secretsProvider": store},
    }
    async with started(reader) as tested:
        for jwt in (token, token[:-3], token.replace(".", "", 1), CANARY, f"{CANARY}.{CANARY}.{CANARY}"):
            outcome = await exchange(tested, attributes={"jwt": jwt})
            written.write(repr(outcome.response) + outcome.response.entity.string)
    for part in token.split("."):
        assert part not in written.getvalue()


@pytest.mark.parametrize("kind", ["InMemorySessionManager", "JwtSessionManager"])
async def test_sessions(kind: str, written: io.StringIO) -> None:
    browser = Browser(build({"type": kind}))
    await browser.put(user=CANARY)
    await browser.visit(lambda session: written.write(f"{session!r} {session}"))
    for name, value in list(browser.cookies.items()):
        for touched in (value, value[:-1], value[5:], CANARY):
            await Browser(browser.manager, {name: touched}).content()
        assert value not in written.getvalue()
    try:
        await browser.put(user={"nested": CANARY.encode()}, **{CANARY[:3]: object()})
    except ValueError as error:
        _note(written, error)
