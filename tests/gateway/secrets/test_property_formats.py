"""Formats of secrets: PEM as openssl writes it, the labels of the product, JWKs."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from gateway.secrets.secret import NoSuchSecret, Purpose
from tests.gateway.secrets.support import KEYS, files, text_of


@pytest.mark.parametrize(
    ("name", "kind", "private"),
    [
        ("rsa-pkcs1", "RSA", True),
        ("rsa-pkcs8", "RSA", True),
        ("rsa-encrypted", "RSA", True),
        ("rsa-dek-info", "RSA", True),
        ("rsa-public", "RSA", False),
        ("rsa-public-pkcs1", "RSA", False),
        ("ec-sec1", "EC", True),
        ("ed25519", "OKP", True),
        ("server", "EC", True),
    ],
)
async def test_pem_of_openssl_is_read(name: str, kind: str, private: bool, variables: dict[str, str]) -> None:
    variables["PEM_PASS"] = "changeit"
    password = {"type": "SystemAndEnvSecretStore", "config": {"format": "PLAIN"}}
    pem = {"type": "PemPropertyFormat", "config": {"decryptionSecretId": "pem.pass", "secretsProvider": password}}
    key = await files(KEYS, suffix=".pem", format=pem).key(name, Purpose.VERIFY)
    assert key.key_type == kind and (key.private is not None) == private and key.stable_id == name


@pytest.mark.parametrize("name", ["rsa-encrypted", "rsa-dek-info"])
@pytest.mark.parametrize("password", [None, "wrong", "absent"])
async def test_encrypted_pem_without_its_password_is_no_secret(
    name: str, password: str | None, variables: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    if password == "wrong":
        variables["PEM_PASS"] = "wrong-password"
    provider = {"type": "SystemAndEnvSecretStore", "config": {"format": "PLAIN"}}
    config = {"decryptionSecretId": "pem.pass", "secretsProvider": provider} if password else {}
    source = files(KEYS, suffix=".pem", format={"type": "PemPropertyFormat", "config": config})
    with pytest.raises(NoSuchSecret):
        await source.key(name, Purpose.SIGN)
    assert "wrong-password" not in caplog.text


def _block(label: str, content: bytes) -> str:
    return f"-----BEGIN {label}-----\n{base64.b64encode(content).decode()}\n-----END {label}-----\n"


async def test_product_labels_of_pem_give_symmetric_keys_and_passwords(tmp_path: Path) -> None:
    (tmp_path / "hmac").write_text("text before\n" + _block("HMAC SECRET KEY", bytes(32)))
    (tmp_path / "aes").write_text(_block("AES SECRET KEY", bytes(16)))
    (tmp_path / "generic").write_text(_block("GENERIC SECRET", b"password"))
    source = files(tmp_path, format={"type": "PemPropertyFormat"})
    assert (await source.key("hmac", Purpose.SIGN, algorithm="HS256")).secret == bytes(32)
    assert (await source.key("aes", Purpose.DATA_ENCRYPTION, algorithm="A128GCM")).secret == bytes(16)
    assert await text_of(source, "generic") == "password"


async def test_pem_puts_the_certificate_of_the_key_first_wherever_it_stands(tmp_path: Path) -> None:
    own = (KEYS / "server.pem").read_text()
    authority = (KEYS / "test-ca.crt").read_text()
    (tmp_path / "a").write_text(authority + own)
    key = await files(tmp_path, format={"type": "PemPropertyFormat"}).key("a", Purpose.SIGN)
    assert [c.subject.rfc4514_string() for c in key.certificates] == ["CN=server", "CN=test-ca"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "canary",
        "-----BEGIN CERTIFICATE-----\ncanary\n-----END CERTIFICATE-----\n",
        "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n",
        "-----BEGIN SOMETHING-----\nY2FuYXJ5\n-----END SOMETHING-----\n",
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n",
        (KEYS / "test-ca.crt").read_text() + (KEYS / "ec-sec1.pem").read_text(),
    ],
)
async def test_pem_that_is_no_key_is_no_secret_and_not_quoted(
    text: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a").write_text(text)
    with pytest.raises(NoSuchSecret) as caught:
        await files(tmp_path, format={"type": "PemPropertyFormat"}).key("a", Purpose.VERIFY)
    assert "canary" not in str(caught.value) + caplog.text and "Y2FuYXJ5" not in caplog.text


async def test_jwk_file_is_a_key_with_its_restrictions(tmp_path: Path) -> None:
    jwk = {"kty": "oct", "k": base64.urlsafe_b64encode(bytes(32)).rstrip(b"=").decode(), "use": "sig"}
    (tmp_path / "with.kid").write_text(json.dumps({**jwk, "kid": "k1"}))
    (tmp_path / "without.kid").write_text(json.dumps(jwk))
    source = files(tmp_path, format={"type": "JwkPropertyFormat"})
    assert (await source.key("with.kid", Purpose.SIGN)).stable_id == "k1"
    assert (await source.key("without.kid", Purpose.SIGN)).stable_id == "without.kid"
    with pytest.raises(NoSuchSecret, match="usages"):
        await source.key("with.kid", Purpose.DATA_ENCRYPTION)
