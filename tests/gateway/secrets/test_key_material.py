"""Key pairs and trust anchors in TLS contexts."""

from __future__ import annotations

import pickle
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateway.secrets.key_material import KeyPair, TrustAnchors

KEYS = Path(__file__).parents[2] / "data/keys"


def _pair(name: str) -> KeyPair:
    pem = (KEYS / f"{name}.pem").read_bytes()
    return KeyPair(name, tuple(x509.load_pem_x509_certificates(pem)), load_pem_private_key(pem, None))  # type: ignore[arg-type]


def _anchor(name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((KEYS / f"{name}.crt").read_bytes())


def test_key_pair_becomes_the_identity_of_a_context_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _pair("server").load_into(context)
    assert list(tmp_path.iterdir()) == []


def test_key_pair_shows_no_key_and_is_not_pickled() -> None:
    pair = _pair("server")
    assert "private_key" not in repr(pair)
    with pytest.raises(TypeError):
        pickle.dumps(pair)


def test_expiry_is_told_by_the_leaf() -> None:
    assert _pair("expired").expired()
    assert not _pair("server").expired()
    assert _pair("server").expired(datetime(2000, 1, 1, tzinfo=UTC))


def test_fingerprints_tell_chains_apart() -> None:
    assert _pair("server").fingerprint == _pair("server").fingerprint
    assert _pair("server").fingerprint != _pair("server-next").fingerprint


def test_anchors_are_loaded_and_united_without_repetition() -> None:
    one = TrustAnchors((_anchor("test-ca"),), check_revocation=True)
    both = TrustAnchors.union([one, TrustAnchors((_anchor("test-ca"), _anchor("other-ca")))])
    assert len(both.certificates) == 2 and both.check_revocation and not both.trust_all
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    both.load_into(context)
    assert len(context.get_ca_certs()) == 2
    assert context.verify_flags & ssl.VERIFY_X509_PARTIAL_CHAIN


def test_what_one_manager_accepts_without_a_check_needs_none() -> None:
    checked = TrustAnchors((_anchor("test-ca"),), check_revocation=True)
    assert list(checked.unchecked) == []
    both = TrustAnchors.union([checked, TrustAnchors((_anchor("other-ca"),))])
    assert [certificate.subject.rfc4514_string() for certificate in both.unchecked] == ["CN=other-ca"]
    assert TrustAnchors((_anchor("test-ca"),)).unchecked == (_anchor("test-ca"),)


def test_fingerprints_tell_anchors_with_a_check_from_those_without() -> None:
    checked, unchecked = (TrustAnchors((_anchor("test-ca"),), check_revocation=check) for check in (True, False))
    assert checked.fingerprint != unchecked.fingerprint
