"""SecretsTrustManager: which certificates of which stores are trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.secrets.key_material import TrustAnchors
from gateway.secrets.secret import NoSuchSecret
from tests.gateway.scripted import build, problems

KEYS = Path(__file__).parents[2] / "data/keys"
FILES = {
    "type": "FileSystemSecretStore",
    "config": {"directory": str(KEYS), "suffix": ".crt", "format": {"type": "PemPropertyFormat"}},
}


def _keystore(*aliases: str) -> dict[str, Any]:
    passwords = {"type": "Base64EncodedSecretStore", "config": {"secrets": {"p": "Y2hhbmdlaXQ="}}}
    config = {
        "file": str(KEYS / "keystore.p12"),
        "storePasswordSecretId": "p",
        "secretsProvider": passwords,
        "mappings": [{"secretId": "trusted", "aliases": list(aliases)}],
    }
    return {"type": "KeyStoreSecretStore", "config": config}


async def _anchors(provider: dict[str, Any] = FILES, **config: Any) -> TrustAnchors:
    manager = build({"type": "SecretsTrustManager", "config": {"secretsProvider": provider, **config}})
    return await manager.trust_anchors()  # type: ignore[no-any-return]


def _names(anchors: TrustAnchors) -> list[str]:
    return [certificate.subject.rfc4514_string() for certificate in anchors.certificates]


async def test_trusted_set_is_the_union_of_both_ids() -> None:
    anchors = await _anchors(verificationSecretId="other-ca", certificateVerificationSecretId="test-ca")
    assert _names(anchors) == ["CN=other-ca", "CN=test-ca"] and anchors.check_revocation


async def test_revocation_check_can_be_switched_off() -> None:
    assert not (await _anchors(certificateVerificationSecretId="test-ca", checkRevocation=False)).check_revocation


async def test_key_usage_decides_for_certificates_of_keystores() -> None:
    assert _names(await _anchors(_keystore("trusted"), verificationSecretId="trusted")) == ["CN=rsa-old"]
    with pytest.raises(NoSuchSecret):
        await _anchors(_keystore("ec-upper"), verificationSecretId="trusted")


async def test_bundle_is_trusted_whole(tmp_path: Path) -> None:
    bundle = b"".join((KEYS / f"{name}.crt").read_bytes() for name in ("test-ca", "other-ca"))
    (tmp_path / "bundle.crt").write_bytes(bundle)
    store = {**FILES, "config": {**FILES["config"], "directory": str(tmp_path)}}  # type: ignore[dict-item]
    assert len((await _anchors(store, certificateVerificationSecretId="bundle")).certificates) == 2


async def test_no_certificate_at_all_is_an_error() -> None:
    with pytest.raises(NoSuchSecret, match="no certificate"):
        await _anchors(certificateVerificationSecretId="absent")


def test_at_least_one_id_is_needed() -> None:
    assert problems({"type": "SecretsTrustManager", "config": {"secretsProvider": FILES}})
