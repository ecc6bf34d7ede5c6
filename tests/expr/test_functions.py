"""Every function does what its own examples say; those on files are held to real files."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from expr import CONFIGURATION, EvaluationError, HostType, compile_template, implicit
from expr.functions import REMOVED, Function, functions
from expr.functions.files import parse_properties

EXAMPLES = [(name, *example) for name, function in functions().items() for example in function.examples]


def evaluate(expression: str) -> Any:
    return compile_template(f"${{{expression}}}", environment=CONFIGURATION)()


@pytest.mark.parametrize(("name", "expression", "value"), EXAMPLES, ids=[example[1] for example in EXAMPLES])
def test_an_example_gives_its_value(name: str, expression: str, value: object) -> None:
    assert name in expression
    found = evaluate(expression)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("function", functions().values(), ids=list(functions()))
def test_a_declaration_is_complete(function: Function) -> None:
    assert function.doc.endswith((".", "?"))
    assert function.examples
    assert function.parameters
    assert function.name in function.signature


def test_the_documented_functions_are_there() -> None:
    documented = """array bool contains decodeBase64 decodeBase64url derCertificate digestSha256 encodeBase64
        encodeBase64url fileToUrl find findGroups formDecodeParameterNameOrValue formEncodeParameterNameOrValue indexOf
        integer integerWithRadix ipMatch join keyMatch lastElement length matchesWithRegex pathToUrl pemCertificate read
        readProperties readWithCharset split toJson toLowerCase toString toUpperCase trim urlDecode urlEncode
        urlDecodeFragment urlDecodePathElement urlDecodeQueryParameterNameOrValue urlDecodeUserInfo urlEncodeFragment
        urlEncodePathElement urlEncodeQueryParameterNameOrValue urlEncodeUserInfo"""
    own = {name for name, function in functions().items() if function.extension}
    assert functions().keys() - own == set(documented.split())
    assert own == {"jmespath"}
    assert not REMOVED.keys() & functions().keys()


def test_a_file_is_read_at_each_evaluation(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    template = compile_template(f"${{read('{file}')}}", environment=CONFIGURATION)
    assert template() is None
    file.write_bytes("é\n".encode())
    assert template() == "é\n"
    file.write_bytes("é".encode("latin-1"))
    assert evaluate(f"readWithCharset('{file}', 'ISO-8859-1')") == "é"
    with pytest.raises(EvaluationError):
        evaluate(f"readWithCharset('{file}', 'no-such-charset')")


def test_a_properties_file_is_read_in_the_configured_charset(tmp_path: Path) -> None:
    file = tmp_path / "a.properties"
    file.write_bytes("name=é".encode())
    assert evaluate(f"readProperties('{file}').name") == "é"
    implicit.system = {"org.forgerock.config.resolvers.properties.encoding": "ISO-8859-1"}
    try:
        assert evaluate(f"readProperties('{file}').name") == "Ã©"
    finally:
        implicit.system = None


def test_properties_have_the_syntax_of_java() -> None:
    text = "\n".join(
        [
            "# comment",
            "! comment",
            "",
            "a=1",
            "b : 2",
            "c 3",
            "d",
            "  e = x = y ",
            "f=one\\",
            "   two",
            "g\\ h=\\u00e9\\t.",
            "i\\=j=k",
            "l=a\\\\",
            "m=",
        ]
    )
    assert parse_properties(text) == {
        "a": "1", "b": "2", "c": "3", "d": "", "e": "x = y ", "f": "onetwo", "g h": "é\t.", "i=j": "k", "l": "a\\",
        "m": "",
    }  # fmt: skip


def test_the_url_of_a_directory_ends_with_a_slash(tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    assert evaluate(f"pathToUrl('{tmp_path}/a b')") == f"file:{tmp_path}/a%20b/"
    assert evaluate("pathToUrl('some//relative')") == f"file:{Path.cwd()}/some/relative"


def _certificate() -> Any:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    name = x509.Name.from_rfc4514_string("CN=client,O=example")
    start = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 77, start, start + timedelta(days=1))
    return builder.sign(key, None)


def test_certificates_come_from_pem_and_from_der_between_colons(monkeypatch: pytest.MonkeyPatch) -> None:
    from base64 import b64encode

    from cryptography.hazmat.primitives.serialization import Encoding

    certificate = _certificate()
    der = certificate.public_bytes(Encoding.DER)
    pem = certificate.public_bytes(Encoding.PEM).decode()
    monkeypatch.setattr(implicit, "env", {"PEM": pem, "DER": f":{b64encode(der).decode()}:"})
    for made in ("pemCertificate(env.PEM)", "derCertificate(env.DER)"):
        assert evaluate(made) == certificate
        assert evaluate(f"{made}.subjectDN.name") == "CN=client,O=example"
        assert evaluate(f"{made}.issuerX500Principal.getName()") == "CN=client,O=example"
        assert evaluate(f"find({made}.subjectDN, '^CN=client,')") is True
        assert evaluate(f"{made}.serialNumber") == 77
        assert evaluate(f"{made}.notBefore.toString()") == "2024-01-02T03:04:05Z"
        assert evaluate(f"{made}.getNotAfter().rfc1123") == "Wed, 3 Jan 2024 03:04:05 GMT"
        assert evaluate(f"{made}.encoded") == der
        assert evaluate(f"{made}.public_key") is None


def test_a_published_map_has_a_length_and_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    class Shelf:
        published = HostType("Shelf", item=lambda _, key: key if key in ("a", "b") else None, keys=lambda _: ["a", "b"])

    monkeypatch.setattr(implicit, "openig", {"shelf": Shelf()})
    assert evaluate("length(openig.shelf)") == 2
    assert evaluate("keyMatch(openig.shelf, '[b-z]')") == "b"
    assert evaluate("openig['shelf'].keySet().toString()") == "[a, b]"
    assert evaluate("empty openig['shelf']") is False


def test_division_by_zero_is_no_error() -> None:
    assert evaluate("1 / 0") == math.inf
