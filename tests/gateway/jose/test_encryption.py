"""Encryption: every algorithm and method, against another library, and tokens that are not what they seem."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jwcrypto import jwe as other_jwe
from jwcrypto import jwk as other_jwk

from expr.scope import implicit
from gateway.jose.algorithms import CONTENT_ENCRYPTION, KEY_MANAGEMENT
from gateway.jose.encryption import DECOMPRESSED_LIMIT, LIMIT_PROPERTY, decrypt, encrypt, encryption_purpose
from gateway.jose.errors import InvalidToken, JoseKeyError
from gateway.jose.keys import jwk_of
from gateway.jose.token import parse
from gateway.secrets.secret import CryptoKey, Purpose

KeyOf = Callable[[str], CryptoKey]
Public = Callable[[CryptoKey], CryptoKey]

KEYS = {
    "dir": ["32"],
    "RSA-OAEP": ["RSA"],
    "RSA-OAEP-256": ["RSA"],
    **{f"A{bits}{form}": [str(bits // 8)] for bits in (128, 192, 256) for form in ("KW", "GCMKW")},
    **{f"ECDH-ES{w}": ["P-256", "P-521", "X25519", "X448"] for w in ("", "+A128KW", "+A192KW", "+A256KW")},
}
PAIRS = [(algorithm, kind) for algorithm, kinds in KEYS.items() for kind in kinds]
METHOD_KEYS = {"A128GCM": "16", "A192GCM": "24", "A256GCM": "32", "A128CBC-HS256": "32", "A192CBC-HS384": "48"}
CONTENT = b'{"sub":"bob"}'
HEADERS = st.dictionaries(
    st.sampled_from(["alg", "enc", "zip", "kid", "epk", "iv"]),
    st.none() | st.text() | st.integers() | st.sampled_from(["dir", "A256GCM", "A256GCMKW", "ECDH-ES"]),
)


def _other(key: CryptoKey) -> other_jwk.JWK:
    return other_jwk.JWK(**jwk_of(key, private=True))


def test_every_algorithm_is_covered() -> None:
    assert set(KEYS) == set(KEY_MANAGEMENT)


@pytest.mark.parametrize(("algorithm", "kind"), PAIRS)
def test_another_library_opens_what_we_encrypt(algorithm: str, kind: str, key_of: KeyOf, public: Public) -> None:
    token = encrypt(CONTENT, public(key_of(kind)), {"alg": algorithm, "enc": "A256GCM"})
    theirs = other_jwe.JWE(algs=[algorithm, "A256GCM"])
    theirs.deserialize(token, _other(key_of(kind)))
    assert theirs.payload == CONTENT


@pytest.mark.parametrize(("algorithm", "kind"), PAIRS)
def test_we_open_what_another_library_encrypts(algorithm: str, kind: str, key_of: KeyOf) -> None:
    header = json.dumps({"alg": algorithm, "enc": "A256GCM"})
    theirs = other_jwe.JWE(CONTENT, protected=header, algs=[algorithm, "A256GCM"])
    theirs.add_recipient(_other(key_of(kind)))
    assert decrypt(parse(theirs.serialize(compact=True)), key_of(kind)) == CONTENT


@pytest.mark.parametrize("method", CONTENT_ENCRYPTION)
def test_every_method_works_with_direct_keys(method: str, key_of: KeyOf) -> None:
    key = key_of(METHOD_KEYS.get(method, "64"))
    token = encrypt(CONTENT, key, {"alg": "dir", "enc": method})
    assert decrypt(parse(token), key) == CONTENT


@pytest.mark.parametrize(("algorithm", "kind"), PAIRS)
def test_another_key_opens_nothing_and_says_no_more(algorithm: str, kind: str, key_of: KeyOf) -> None:
    token = parse(encrypt(CONTENT, key_of(kind), {"alg": algorithm, "enc": "A256GCM"}))
    other = CryptoKey(secret=bytes(int(kind))) if kind.isdecimal() else key_of("P-384" if kind != "RSA" else "32")
    with pytest.raises(InvalidToken, match=r"^the token cannot be decrypted$"):
        decrypt(token, other)


def test_public_key_decrypts_nothing(key_of: KeyOf, public: Public) -> None:
    token = parse(encrypt(CONTENT, key_of("RSA"), {"alg": "RSA-OAEP-256", "enc": "A256GCM"}))
    with pytest.raises(InvalidToken):
        decrypt(token, public(key_of("RSA")))


@pytest.mark.parametrize("segment", range(5))
def test_a_change_anywhere_is_noticed(segment: int, key_of: KeyOf) -> None:
    parts = encrypt(CONTENT, key_of("16"), {"alg": "A128KW", "enc": "A128CBC-HS256"}).split(".")
    first = parts[segment][:1]
    parts[segment] = ("B" if first == "A" else "A") + parts[segment][1:]
    with pytest.raises(InvalidToken):
        decrypt(parse(".".join(parts)), key_of("16"))


def test_compressed_content_is_read_up_to_the_documented_limit(key_of: KeyOf) -> None:
    header = {"alg": "dir", "enc": "A256GCM", "zip": "DEF"}
    largest = b"a" * DECOMPRESSED_LIMIT
    assert decrypt(parse(encrypt(largest, key_of("32"), header)), key_of("32")) == largest
    with pytest.raises(InvalidToken, match="larger than 32768"):
        decrypt(parse(encrypt(largest + b"a", key_of("32"), header)), key_of("32"))


def test_zip_bomb_is_refused_without_being_unpacked(key_of: KeyOf) -> None:
    bomb = encrypt(bytes(50_000_000), key_of("32"), {"alg": "dir", "enc": "A256GCM", "zip": "DEF"})
    assert len(bomb) < 100_000
    with pytest.raises(InvalidToken, match="larger than"):
        decrypt(parse(bomb), key_of("32"))


def test_limit_of_compressed_content_is_a_system_property(key_of: KeyOf) -> None:
    token = parse(encrypt(bytes(100), key_of("32"), {"alg": "dir", "enc": "A256GCM", "zip": "DEF"}))
    implicit.system = {LIMIT_PROPERTY: "99"}
    try:
        with pytest.raises(InvalidToken, match="larger than 99"):
            decrypt(token, key_of("32"))
    finally:
        implicit.system = None


def test_limit_of_compressed_content_can_be_set(key_of: KeyOf) -> None:
    token = parse(encrypt(bytes(100), key_of("32"), {"alg": "dir", "enc": "A256GCM", "zip": "DEF"}))
    assert decrypt(token, key_of("32"), limit=100) == bytes(100)
    with pytest.raises(InvalidToken):
        decrypt(token, key_of("32"), limit=99)


def test_compressed_content_of_another_library_opens(key_of: KeyOf) -> None:
    header = json.dumps({"alg": "dir", "enc": "A256GCM", "zip": "DEF"})
    theirs = other_jwe.JWE(CONTENT, protected=header)
    theirs.add_recipient(_other(key_of("32")))
    assert decrypt(parse(theirs.serialize(compact=True)), key_of("32")) == CONTENT


def test_cut_compressed_content_is_refused(key_of: KeyOf) -> None:
    whole = zlib.compressobj(wbits=-15)
    stream = whole.compress(CONTENT * 50) + whole.flush()
    from gateway.jose.encryption import _Deflate

    with pytest.raises(InvalidToken):
        _Deflate(10_000).decompress(stream[:-5])


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ({"alg": "RSA1_5", "enc": "A256GCM"}, "RSA"),
        ({"alg": "dir", "enc": "A256GCM"}, "16"),
        ({"alg": "A128KW", "enc": "A256GCM"}, "32"),
        ({"alg": "RSA-OAEP", "enc": "A256GCM"}, "P-256"),
        ({"alg": "dir", "enc": "DES"}, "32"),
    ],
)
def test_key_or_algorithm_that_does_not_suit_encrypts_nothing(header: dict[str, str], kind: str, key_of: KeyOf) -> None:
    with pytest.raises(JoseKeyError):
        encrypt(CONTENT, key_of(kind), header)


@pytest.mark.parametrize(
    "extra",
    [
        {"epk": 5},
        {"epk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}},
        {"epk": {"kty": "oct", "k": "AA"}},
        {"epk": {"kty": "OKP", "crv": ["x"], "x": 7}},
        {"apu": {}},
    ],
)
def test_nonsense_in_the_header_is_an_invalid_token(extra: dict[str, object], key_of: KeyOf) -> None:
    import base64

    header, *rest = encrypt(CONTENT, key_of("P-256"), {"alg": "ECDH-ES", "enc": "A256GCM"}).split(".")
    changed = {**json.loads(base64.urlsafe_b64decode(header + "==")), **extra}
    encoded = base64.urlsafe_b64encode(json.dumps(changed).encode()).rstrip(b"=").decode()
    with pytest.raises(InvalidToken):
        decrypt(parse(".".join([encoded, *rest])), key_of("P-256"))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rest=st.text("ABab01-_.", max_size=60), header=HEADERS)
def test_any_token_is_content_or_our_error(rest: str, header: dict[str, object], key_of: KeyOf) -> None:
    import base64

    encoded = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    try:
        decrypt(parse(f"{encoded}.{rest}"), key_of("32"))
    except InvalidToken:
        pass


def test_direct_encryption_needs_a_data_key_and_all_others_a_key_key() -> None:
    assert encryption_purpose("dir") is Purpose.DATA_ENCRYPTION
    assert encryption_purpose("dir", decrypt=True) is Purpose.DATA_DECRYPTION
    assert encryption_purpose("RSA-OAEP-256") is Purpose.KEY_ENCRYPTION
    assert encryption_purpose("A256KW", decrypt=True) is Purpose.KEY_DECRYPTION
