import gzip
import zlib
from collections.abc import AsyncIterator

import pytest

from expr.scope import implicit
from gateway.errors import EntityConsumed, EntityTooLarge
from gateway.http.entity import IGNORE_FORM_ERRORS, Entity
from gateway.http.form import Form
from gateway.http.headers import Headers
from gateway.http.storage import Spool, Storage


class Pieces:
    """A body that comes in pieces and remembers whether it was given up."""

    def __init__(self, *pieces: bytes, length: int | None = None) -> None:
        self.pieces, self.length, self.closed = list(pieces), length, False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece

    def close(self) -> None:
        self.closed = True


def entity(body=b"", **fields: str) -> Entity:
    return Entity(Headers([(name.replace("_", "-"), value) for name, value in fields.items()]), body)


async def test_reading_does_not_consume():
    subject = entity(Pieces(b"ab", b"c"))
    assert not subject.buffered
    assert subject.length is None
    assert await subject.read() == b"abc"
    assert await subject.read() == b"abc"
    assert [piece async for piece in subject.stream()] == [b"abc"]
    assert subject.length == 3


async def test_a_stream_that_was_passed_on_cannot_be_read_again():
    subject = entity(Pieces(b"ab", b"c"))
    assert [piece async for piece in subject.stream()] == [b"ab", b"c"]
    with pytest.raises(EntityConsumed):
        await subject.read()
    with pytest.raises(EntityConsumed):
        subject.check()


async def test_content_over_the_memory_limit_moves_to_a_file(tmp_path):
    subject = Entity(Headers(), Pieces(b"a" * 10, b"b" * 10, b"c"), Storage(memory_limit=15, directory=tmp_path))
    await subject.buffer()
    assert isinstance(subject._body, Spool)
    assert subject.in_memory() is None
    assert subject.length == 21
    assert subject.string == "a" * 10 + "b" * 10 + "c"
    assert b"".join([piece async for piece in subject.stream()]) == subject.raw
    subject.close()
    assert list(tmp_path.iterdir()) == []


async def test_content_over_the_file_limit_is_refused():
    limits = Storage(memory_limit=4, file_limit=8)
    with pytest.raises(EntityTooLarge):
        await Entity(Headers(), Pieces(b"12345", b"6789"), limits).buffer()
    announced = Pieces(length=9)
    with pytest.raises(EntityTooLarge) as caught:
        await Entity(Headers(), announced, limits).buffer()
    assert announced.closed
    assert caught.value.code == 413


async def test_the_storage_says_who_is_to_blame_for_a_body_that_does_not_fit():
    limits = Storage(memory_limit=4, file_limit=8, overflow=502)
    packed = Entity(Headers([("Content-Encoding", "gzip")]), gzip.compress(bytes(9)), limits)
    with pytest.raises(EntityTooLarge) as caught:
        await packed.read()
    assert caught.value.code == 502


def test_the_charset_of_the_content_type_decides_and_latin_1_is_the_default():
    assert entity("é".encode(), Content_Type="text/plain; charset=UTF-8").string == "é"
    assert entity(b"\xe9").string == "é"
    assert entity(b"").string == ""
    with pytest.raises(ValueError, match="charset"):
        entity(b"x", Content_Type="text/plain; charset=no-such").string  # noqa: B018


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", lambda data: gzip.compress(data[:3]) + gzip.compress(data[3:])),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),
        ("identity", lambda data: data),
        ("deflate, gzip", lambda data: gzip.compress(zlib.compress(data))),
    ],
)
def test_content_codings_are_undone_and_the_raw_body_stays(coding, pack):
    raw = pack(b"hello world")
    subject = entity(raw, Content_Encoding=coding)
    assert subject.bytes == b"hello world"
    assert subject.string == "hello world"
    assert subject.raw == raw


@pytest.mark.parametrize(("coding", "raw"), [("br", b"x"), ("gzip", b"no gzip"), ("gzip", gzip.compress(b"abc")[:-9])])
def test_content_that_cannot_be_decoded_is_an_error(coding, raw):
    with pytest.raises(ValueError):
        entity(raw, Content_Encoding=coding).bytes  # noqa: B018


def test_a_decompression_bomb_is_refused():
    subject = Entity(Headers([("Content-Encoding", "gzip")]), gzip.compress(bytes(1 << 22)), Storage(10, 1 << 20))
    with pytest.raises(EntityTooLarge):
        subject.bytes  # noqa: B018


def test_json_reads_and_an_empty_body_is_none():
    assert entity(b'{"a": [1, 2.5, null]}').json == {"a": [1, 2.5, None]}
    assert entity(b"").json is None
    for text in (b"{", b"NaN", b"\xff"):
        with pytest.raises(ValueError):
            entity(text).json  # noqa: B018


def test_a_form_needs_its_content_type():
    assert entity(b"a=1", Content_Type="application/x-www-form-urlencoded; charset=utf-8").form == {"a": ["1"]}
    assert entity(b"a=1", Content_Type="text/plain").form == {}


def test_a_system_property_passes_over_form_fields_that_cannot_be_decoded(monkeypatch):
    subject = entity(b"a=1&b=%zz", Content_Type="application/x-www-form-urlencoded")
    with pytest.raises(ValueError):
        subject.form  # noqa: B018
    monkeypatch.setitem(implicit.system, IGNORE_FORM_ERRORS, "true")
    assert subject.form == {"a": ["1"]}


def test_writing_text_sets_the_length_and_uses_the_charset():
    subject = entity(b"old", Content_Type="text/plain; charset=UTF-8", Transfer_Encoding="chunked")
    subject.string = "é"
    assert subject.raw == "é".encode()
    assert subject._headers.first("Content-Length") == "2"
    assert "Transfer-Encoding" not in subject._headers
    subject.string = None
    assert subject.raw == b""
    assert subject._headers.first("Content-Length") == "0"


def test_writing_json_sets_the_content_type():
    subject = entity()
    subject.json = {"a": 1, "é": ["x", None]}
    assert subject.raw == '{"a":1,"é":["x",null]}'.encode()
    assert subject._headers.first("Content-Type") == "application/json; charset=UTF-8"
    assert subject._headers.first("Content-Length") == str(len(subject.raw))


@pytest.mark.parametrize(
    ("value", "raw"),
    [
        ("text", b"text"),
        (b"bytes", b"bytes"),
        (5, b"5"),
        (None, b"null"),
        ({"a": 1}, b'{"a":1}'),
        (Form({"a": ["b c"]}), b"a=b+c"),
    ],
)
def test_the_entity_itself_takes_text_bytes_forms_and_json(value, raw):
    subject = entity()
    subject.set(value)
    assert subject.raw == raw


def test_replacing_a_stream_gives_it_up():
    body = Pieces(b"x")
    subject = entity(body)
    subject.string = "new"
    assert body.closed


def test_an_expression_cannot_write_another_kind_of_value():
    for part, value in (("string", 5), ("bytes", "text"), ("form", "a=b")):
        with pytest.raises(ValueError):
            entity().put(part, value)
