"""Compact tokens: what is accepted as one, and that nothing of it is followed or shown."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.jose.errors import InvalidToken
from gateway.jose.token import MAXIMUM_TOKEN, decode, parse, read_object


def _token(header: object, payload: bytes = b"{}", signature: bytes = b"x") -> str:
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (head, payload, signature))


def test_jws_and_jwe_are_told_apart_by_their_segments() -> None:
    assert not parse(_token({"alg": "RS256"})).encrypted
    assert parse(f"{_token({'alg': 'dir', 'enc': 'A256GCM'})}.AA.AA").encrypted


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "a.b", "a.b.c.d", "a.b.c.d.e.f", "é.b.c", _token({}), _token([]), _token(b"{"), _token({"alg": 5})],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidToken):
        parse(text)


@pytest.mark.parametrize("extra", [{"crit": ["exp"]}, {"crit": []}, {"b64": False}, {"b64": "x"}])
def test_extensions_are_refused(extra: dict[str, object]) -> None:
    with pytest.raises(InvalidToken, match="extension"):
        parse(_token({"alg": "HS256", **extra}))


def test_a_header_that_names_its_alg_twice_is_refused() -> None:
    with pytest.raises(InvalidToken, match="distinct names"):
        parse(_token(b'{"alg":"none","alg":"RS256"}'))


def test_oversized_tokens_and_headers_are_refused_before_they_are_decoded() -> None:
    with pytest.raises(InvalidToken, match="longer than"):
        parse("a" * (MAXIMUM_TOKEN + 1))
    with pytest.raises(InvalidToken, match="longer than"):
        parse(_token({"alg": "HS256", "x": "y" * 20_000}))


def test_deeply_nested_json_is_refused() -> None:
    with pytest.raises(InvalidToken):
        read_object(b'{"a":' + b"[" * 100_000, "content")


@pytest.mark.parametrize("segment", [b"AB=", b"A", b"A+B/", b"AA\n", b"AB", b"AAB"])
def test_only_canonical_base64url_is_decoded(segment: bytes) -> None:
    with pytest.raises(InvalidToken):
        decode(segment)


@pytest.mark.parametrize("kid", ["../../etc/passwd", "' OR 1=1", "http://evil.example/key"])
def test_key_id_is_a_label_whatever_it_looks_like(kid: str) -> None:
    assert parse(_token({"alg": "HS256", "kid": kid})).key_id == kid


@pytest.mark.parametrize("kid", [None, 5, {}, "x" * 2000])
def test_key_id_that_is_no_label_is_none(kid: object) -> None:
    assert parse(_token({"alg": "HS256", "kid": kid})).key_id is None


def test_repr_shows_nothing_of_the_token() -> None:
    text = _token({"alg": "HS256", "kid": "canary-kid"}, b'{"canary":1}')
    shown = repr(parse(text))
    assert "canary" not in shown and text not in shown


@given(st.text(max_size=200))
def test_any_text_is_a_token_or_our_error(text: str) -> None:
    try:
        parse(text)
    except InvalidToken as error:
        assert len(text) < 12 or text not in str(error)
