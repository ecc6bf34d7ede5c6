"""PKCS#12 files of keytool and openssl (tests/data/keys/make.sh says how they were made)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.secrets.keystore_entry import Entries, KeystoreError
from gateway.secrets.pkcs12 import read_pkcs12
from gateway.secrets.pkcs12_encryption import derive
from gateway.secrets.secret import CryptoKey, GenericSecret, Purpose

KEYS = Path(__file__).parents[2] / "data/keys"


def _entries(name: str, password: str | None = "changeit") -> Entries:
    return read_pkcs12((KEYS / name).read_bytes(), password, None)


def _key(entries: Entries, alias: str) -> CryptoKey:
    key = entries[alias][0]
    assert isinstance(key, CryptoKey)
    return key


def test_keystore_of_keytool_gives_every_entry_by_lower_case_alias() -> None:
    entries = _entries("keystore.p12")
    assert set(entries) == {"rsa-old", "rsa-new", "ec-upper", "trusted", "hmac", "aes", "password"}
    for alias in ("rsa-old", "rsa-new", "ec-upper"):
        key = _key(entries, alias)
        assert key.private is not None and len(key.certificates) == 1
        assert key.stable_id == alias


def test_each_key_has_its_own_certificate() -> None:
    entries = _entries("keystore.p12")
    names = {alias: _key(entries, alias).certificates[0].subject.rfc4514_string() for alias in ("rsa-old", "rsa-new")}
    assert names == {"rsa-old": "CN=rsa-old", "rsa-new": "CN=rsa-new"}


def test_trusted_certificate_verifies_and_does_not_sign() -> None:
    key = _key(_entries("keystore.p12"), "trusted")
    assert key.unfit(Purpose.VERIFY, "RS256") is None
    assert key.unfit(Purpose.SIGN, "RS256") is not None


def test_secret_keys_are_symmetric_keys_of_their_length() -> None:
    entries = _entries("keystore.p12")
    assert len(_key(entries, "hmac").secret or b"") == 64
    assert len(_key(entries, "aes").secret or b"") == 32


def test_stored_password_is_served_as_one() -> None:
    password = _entries("keystore.p12")["password"][1]
    assert isinstance(password, GenericSecret)
    assert password.reveal() == b"hunter22"


def test_key_usage_of_the_certificate_restricts_the_key() -> None:
    key = _key(_entries("keystore.p12"), "ec-upper")
    assert key.unfit(Purpose.KEY_ENCRYPTION) is None
    assert key.unfit(Purpose.VERIFY) is not None


def test_file_of_openssl_gives_the_key_with_its_chain_and_the_authority() -> None:
    entries = _entries("openssl.p12")
    assert set(entries) == {"client", "authority"}
    names = [certificate.subject.rfc4514_string() for certificate in _key(entries, "client").certificates]
    assert names == ["CN=client", "CN=test-ca"]


def test_old_encryption_of_openssl_is_read() -> None:
    assert _key(_entries("openssl-legacy.p12"), "client").private is not None


def test_unnamed_key_gets_a_number() -> None:
    assert set(_entries("openssl-unnamed.p12")) == {"1"}


@pytest.mark.parametrize("name", ["keystore.p12", "openssl.p12", "openssl-legacy.p12"])
@pytest.mark.parametrize("password", ["changeit2", "", None])
def test_wrong_password_is_told_without_quoting_it(name: str, password: str | None) -> None:
    with pytest.raises(KeystoreError, match="password is wrong") as caught:
        _entries(name, password)
    assert "changeit" not in str(caught.value)


def test_another_kind_of_file_is_told() -> None:
    with pytest.raises(KeystoreError):
        _entries("keystore.jks")


def test_a_changed_byte_is_noticed() -> None:
    content = bytearray((KEYS / "openssl.p12").read_bytes())
    content[len(content) // 2] ^= 1
    with pytest.raises(KeystoreError):
        read_pkcs12(bytes(content), "changeit", None)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_entries_or_our_error(content: bytes) -> None:
    with pytest.raises(KeystoreError):
        read_pkcs12(content, "changeit", None)


def test_key_derivation_gives_the_published_vectors() -> None:
    # Test vectors that implementations of the key derivation share.
    assert derive("sha1", "smeg", bytes.fromhex("0A58CF64530D823F"), 1, purpose=1, length=24) == bytes.fromhex(
        "8AAAE6297B6CB04642AB5B077851284EB7128F1A2A7FBCA3"
    )
    assert derive("sha1", "queeg", bytes.fromhex("05DEC959ACFF72F7"), 1000, purpose=1, length=24) == bytes.fromhex(
        "ED2034E36328830FF09DF1E1A07DD357185DAC0D4F9EB3D4"
    )
