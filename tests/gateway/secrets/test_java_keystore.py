"""JKS and JCEKS files of keytool (tests/data/keys/make.sh says how they were made)."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.secrets.java_keystore import read_java_keystore
from gateway.secrets.keystore_entry import KeystoreError
from gateway.secrets.secret import CryptoKey

KEYS = Path(__file__).parents[2] / "data/keys"


@pytest.mark.parametrize(("name", "kind"), [("keystore.jks", "JKS"), ("keystore.jceks", "JCEKS")])
def test_entries_of_keytool_are_read(name: str, kind: str) -> None:
    entries = read_java_keystore((KEYS / name).read_bytes(), kind, "changeit", None)
    secrets = {"hmac", "aes"} if kind == "JCEKS" else set()
    assert set(entries) == {"rsa-old", "rsa-new", "ec-upper", "trusted"} | secrets
    key = entries["rsa-old"][0]
    assert isinstance(key, CryptoKey) and key.private is not None
    assert key.certificates[0].subject.rfc4514_string() == "CN=rsa-old"


def test_secret_keys_of_jceks_have_their_length() -> None:
    entries = read_java_keystore((KEYS / "keystore.jceks").read_bytes(), "JCEKS", "changeit", None)
    aes = entries["aes"][0]
    assert isinstance(aes, CryptoKey) and len(aes.secret or b"") == 32


def test_entry_password_of_its_own_is_used() -> None:
    content = (KEYS / "entry-password.jks").read_bytes()
    assert "one" in read_java_keystore(content, "JKS", "changeit", "entrypass")
    with pytest.raises(KeystoreError, match="password of its entries"):
        read_java_keystore(content, "JKS", "changeit", None)


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xfe\xed\xfe\xed", (KEYS / "openssl.p12").read_bytes()])
def test_another_kind_of_file_is_told(content: bytes) -> None:
    with pytest.raises(KeystoreError):
        read_java_keystore(content, "JKS", "changeit", None)


def test_wrong_password_and_wrong_type_are_told() -> None:
    content = (KEYS / "keystore.jks").read_bytes()
    with pytest.raises(KeystoreError, match="password is wrong"):
        read_java_keystore(content, "JKS", "other", None)
    with pytest.raises(KeystoreError, match="of type JKS, not JCEKS"):
        read_java_keystore(content, "JCEKS", "changeit", None)
