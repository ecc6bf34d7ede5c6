"""Functions that encode and decode parts of URLs and forms, each with its own set of kept characters."""

from __future__ import annotations

import re
from collections.abc import Callable

from expr.errors import EvaluationError
from expr.functions import Function, Parameter
from expr.types import STRING
from expr.utf16 import encode

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
_STRING = (Parameter("string", STRING),)
Coder = Callable[[str | None], str | None]


def _encoding(kept: str, blank: str = "%20") -> Callable[[str], str]:
    table = [chr(code) if chr(code) in _LETTERS + kept else f"%{code:02X}" for code in range(256)]
    table[0x20] = blank
    stays = re.compile(f"[{_LETTERS}{re.escape(kept)}]*")

    def call(value: str) -> str:
        return value if stays.fullmatch(value) else "".join([table[byte] for byte in encode(value)])

    return call


def _or_null(coding: Callable[[str], str]) -> Coder:
    return lambda value: None if value is None else coding(value)


def _encoder(kept: str) -> Coder:
    return _or_null(_encoding(kept))


def _decoder(*, plus_is_blank: bool) -> Coder:
    def call(value: str | None) -> str | None:
        if value is None:
            return None
        if plus_is_blank:
            value = value.replace("+", " ")
        if "%" not in value:
            return value
        if any(hit.group(1) is None for hit in _ESCAPE.finditer(value)):
            raise EvaluationError("an incomplete percent sequence in the text")
        from urllib.parse import unquote

        return unquote(value, errors="replace")

    return call


def _function(name: str, doc: str, call: Coder, *examples: tuple[str, str | None], notes: str = "") -> Function:
    return Function(name, doc, _STRING, STRING, call, (*examples, (f"{name}(null)", None)), notes=notes)


form_encoded = _encoding(".-*_", blank="+")
"""A text in form encoding, as Java's URLEncoder writes it."""
_form_encode = _or_null(form_encoded)
form_decode = _decoder(plus_is_blank=True)
uri_decode = _decoder(plus_is_blank=False)
_FORM = "needs !@#$ encoding"
_FORM_ENCODED = "needs+%21%40%23%24+encoding"

FUNCTIONS = (
    _function(
        "formEncodeParameterNameOrValue",
        "Encodes a name or value as in application/x-www-form-urlencoded.",
        _form_encode,
        (f"formEncodeParameterNameOrValue('{_FORM}')", _FORM_ENCODED),
        ("formEncodeParameterNameOrValue('a/b~c')", "a%2Fb%7Ec"),
    ),
    _function(
        "formDecodeParameterNameOrValue",
        "Decodes a name or value as in application/x-www-form-urlencoded.",
        form_decode,
        ("formDecodeParameterNameOrValue('a+b%21')", "a b!"),
    ),
    _function(
        "urlEncode", "Same as formEncodeParameterNameOrValue.", _form_encode, (f"urlEncode('{_FORM}')", _FORM_ENCODED)
    ),
    _function(
        "urlDecode", "Same as formDecodeParameterNameOrValue.", form_decode, (f"urlDecode('{_FORM_ENCODED}')", _FORM)
    ),
    _function(
        "urlDecodeFragment",
        "Decodes a percent-encoded URI fragment; a plus sign stays one.",
        uri_decode,
        ("urlDecodeFragment('a%20b+c')", "a b+c"),
    ),
    _function(
        "urlDecodePathElement",
        "Decodes one percent-encoded path element; a plus sign stays one.",
        uri_decode,
        ("urlDecodePathElement('over%2Fthere~%2F')", "over/there~/"),
    ),
    _function(
        "urlDecodeQueryParameterNameOrValue",
        "Decodes the name or value of a query parameter; a plus sign becomes a blank.",
        form_decode,
        ("urlDecodeQueryParameterNameOrValue('a+b%3D')", "a b="),
    ),
    _function(
        "urlDecodeUserInfo",
        "Decodes percent-encoded user information of a URI; a plus sign stays one.",
        uri_decode,
        ("urlDecodeUserInfo('helmet+the+ferret%40example.org')", "helmet+the+ferret@example.org"),
    ),
    _function(
        "urlEncodeFragment",
        "Percent-encodes text for a URI fragment.",
        _encoder("-._~!$&'()*+,;=:@/?"),
        ("urlEncodeFragment('#search=\"cave canem\"&chap/1')", "%23search=%22cave%20canem%22&chap/1"),
    ),
    _function(
        "urlEncodePathElement",
        "Percent-encodes text for one path element.",
        _encoder("-._~!$&'()*+,;=:@"),
        ("urlEncodePathElement('over/there~/')", "over%2Fthere~%2F"),
    ),
    _function(
        "urlEncodeQueryParameterNameOrValue",
        "Percent-encodes text for the name or value of a query parameter.",
        _encoder("-._~!$'()*,;:@/?"),
        ("urlEncodeQueryParameterNameOrValue('?name=x')", "?name%3Dx"),
        ("urlEncodeQueryParameterNameOrValue('a b+c')", "a%20b%2Bc"),
    ),
    _function(
        "urlEncodeUserInfo",
        "Percent-encodes text for the user information of a URI.",
        _encoder("-._~!$&'()*+,;=:"),
        ("urlEncodeUserInfo('helmet+the+ferret@example.org')", "helmet+the+ferret%40example.org"),
    ),
)
