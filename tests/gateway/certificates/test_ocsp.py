"""Which answers of OCSP responders count."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as x509_ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from gateway.certificates import ocsp
from gateway.certificates.status import LONGEST, SHORTEST, Status, Undetermined
from tests.gateway.certificates.issuing import REVOKED, UNKNOWN, Issuer

ROOT = Issuer.root()
LEAF = ROOT.issue("leaf", responder="http://ocsp.example.com/").chain[0]
CURVE = ec.SECP256R1()
HOURS = timedelta(hours=1)


def asked(**answering: Any) -> Status:
    request = ocsp.question(LEAF, ROOT.certificate)
    return ocsp.answer(ROOT.answers(request, LEAF, **answering), request, ROOT.certificate)


def test_good_and_revoked_are_told() -> None:
    assert asked().revoked == ""
    revoked = asked(status=REVOKED).revoked
    assert revoked.startswith("revoked on 20") and revoked.endswith("(keyCompromise)")


@pytest.mark.parametrize(
    ("answering", "reason"),
    [
        ({"status": UNKNOWN}, "does not know"),
        ({"lasting": -HOURS}, "expired"),
        ({"begun": -HOURS}, "future"),
        ({"nonce": b"another nonce"}, "another question"),
        ({"critical": True}, "critical"),
        ({"signer": Issuer.root()}, "not signed"),
        ({"signer": Issuer.root().responder()}, "not signed"),
        ({"signer": ROOT.responder(x509.OCSPNoCheck())}, "not signed"),
        ({"signer": ROOT.responder(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]))}, "not signed"),
    ],
)
def test_what_cannot_be_relied_on_is_no_answer(answering: dict[str, Any], reason: str) -> None:
    with pytest.raises(Undetermined, match=reason):
        asked(**answering)


@pytest.mark.parametrize("by_key", [False, True])
def test_the_issuer_and_whom_it_lets_answer_are_believed(by_key: bool) -> None:
    assert asked(by_key=by_key).revoked == ""
    assert asked(by_key=by_key, signer=ROOT.responder()).revoked == ""


@pytest.mark.parametrize(
    "key", [ed25519.Ed25519PrivateKey.generate(), rsa.generate_private_key(65537, 2048), ec.generate_private_key(CURVE)]
)
def test_signatures_of_every_kind_of_key_are_verified(key: Any) -> None:
    issuer = Issuer.root(key=key)
    leaf = issuer.issue("leaf").chain[0]
    request = ocsp.question(leaf, issuer.certificate)
    data = issuer.answers(request, leaf)
    assert ocsp.answer(data, request, issuer.certificate).revoked == ""
    with pytest.raises(Undetermined, match="not signed"):
        ocsp.answer(data[:-1] + bytes([data[-1] ^ 1]), request, issuer.certificate)


def test_clocks_may_differ_by_minutes_and_a_responder_need_not_repeat_the_nonce() -> None:
    assert asked(lasting=-timedelta(minutes=5), nonce=b"").revoked == ""
    assert asked(begun=-timedelta(minutes=5)).revoked == ""


def test_the_answer_about_another_certificate_is_none() -> None:
    request = ocsp.question(LEAF, ROOT.certificate)
    other = ROOT.issue("other").chain[0]
    with pytest.raises(Undetermined, match="another certificate"):
        ocsp.answer(ROOT.answers(request, other), request, ROOT.certificate)


@pytest.mark.parametrize("status", ["INTERNAL_ERROR", "TRY_LATER", "UNAUTHORIZED"])
def test_a_refusal_is_no_answer(status: str) -> None:
    refusal = x509_ocsp.OCSPResponseBuilder.build_unsuccessful(x509_ocsp.OCSPResponseStatus[status])
    request = ocsp.question(LEAF, ROOT.certificate)
    with pytest.raises(Undetermined, match=status.lower()):
        ocsp.answer(refusal.public_bytes(Encoding.DER), request, ROOT.certificate)


@pytest.mark.parametrize("data", [b"", b"<html>", b"\x30\x80"])
def test_garbage_is_no_answer(data: bytes) -> None:
    with pytest.raises(Undetermined, match="cannot be read"):
        ocsp.answer(data, ocsp.question(LEAF, ROOT.certificate), ROOT.certificate)


@pytest.mark.parametrize(
    ("lasting", "seconds"), [(None, SHORTEST), (-timedelta(minutes=1), SHORTEST), (HOURS * 99, LONGEST)]
)
def test_an_answer_is_kept_within_bounds(lasting: timedelta | None, seconds: float) -> None:
    assert asked(lasting=lasting).keep == seconds


def test_an_answer_is_kept_until_there_is_a_newer_one() -> None:
    assert SHORTEST < asked(lasting=HOURS / 2).keep <= LONGEST / 2


def test_responders_are_named_by_the_certificate() -> None:
    assert ocsp.responders(LEAF) == ["http://ocsp.example.com/"]
    assert ocsp.responders(ROOT.certificate) == []
    issuers = x509.AccessDescription(
        AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier("http://ca.example.com/")
    )
    assert ocsp.responders(ROOT.issue("a", x509.AuthorityInformationAccess([issuers])).chain[0]) == []
