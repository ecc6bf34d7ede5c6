"""Which revocation lists count, and for which certificates."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509

from gateway.certificates import crl
from gateway.certificates.status import Undetermined
from tests.gateway.certificates.issuing import Issuer, critical, point, scope

ROOT = Issuer.root()
URL = "http://ca.example.com/list"
LEAF = ROOT.issue("leaf", crl=URL).chain[0]
AUTHORITY = ROOT.authority("intermediate", crl=URL).certificate
HOURS = timedelta(hours=1)
AT_URL = [x509.UniformResourceIdentifier(URL)]
ELSEWHERE = [x509.UniformResourceIdentifier("http://ca.example.com/other")]


def looked_up(certificate: x509.Certificate, *serials: int, **making: Any) -> str:
    return crl.status(crl.usable(ROOT.revokes(*serials, **making), ROOT.certificate), certificate).revoked


def test_what_is_in_the_list_is_revoked_and_the_rest_is_good() -> None:
    assert looked_up(LEAF, 1, 2, 3) == ""
    assert looked_up(LEAF, 1, LEAF.serial_number).endswith("(keyCompromise)")


def test_a_list_may_be_armoured() -> None:
    text = base64.encodebytes(ROOT.revokes(LEAF.serial_number))
    armoured = b"-----BEGIN X509 CRL-----\n" + text + b"-----END X509 CRL-----\n"
    assert crl.status(crl.usable(armoured, ROOT.certificate), LEAF).revoked


@pytest.mark.parametrize(
    ("making", "reason"),
    [
        ({"lasting": -HOURS}, "expired"),
        ({"signer": Issuer.root()}, "not signed"),
        ({"extensions": [critical(x509.DeltaCRLIndicator(1))]}, "not understood"),
        (
            {"extensions": [critical(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"))]},
            "not understood",
        ),
    ],
)
def test_what_cannot_be_relied_on_is_not_used(making: dict[str, Any], reason: str) -> None:
    with pytest.raises(Undetermined, match=reason):
        looked_up(LEAF, **making)


def test_the_list_of_another_authority_is_not_used() -> None:
    with pytest.raises(Undetermined, match="not that of the issuer"):
        crl.usable(Issuer.root("other").revokes(), ROOT.certificate)


def test_an_authority_that_may_not_sign_lists_has_none() -> None:
    flags = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    usage = x509.KeyUsage(
        **dict.fromkeys(flags, False), key_cert_sign=True, crl_sign=False, encipher_only=False, decipher_only=False
    )
    pair = ROOT.issue("signs certificates only", usage)
    other = Issuer(pair.chain[0], pair.private_key)
    with pytest.raises(Undetermined, match="not that of the issuer"):
        crl.usable(other.revokes(), other.certificate)


@pytest.mark.parametrize("data", [b"", b"<html>", b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"])
def test_garbage_is_not_used(data: bytes) -> None:
    with pytest.raises(Undetermined, match="cannot be read"):
        crl.usable(data, ROOT.certificate)


@pytest.mark.parametrize(
    ("fields", "leaf", "authority"),
    [
        ({"full_name": AT_URL}, True, True),
        ({"full_name": ELSEWHERE}, False, False),
        ({"only_contains_user_certs": True}, True, False),
        ({"only_contains_ca_certs": True}, False, True),
        ({"indirect_crl": True}, False, False),
        ({"only_contains_attribute_certs": True}, False, False),
        ({"only_some_reasons": frozenset({x509.ReasonFlags.key_compromise})}, False, False),
        ({"relative_name": x509.RelativeDistinguishedName(ROOT.certificate.subject)}, False, False),
    ],
)
def test_a_list_says_for_which_certificates_it_is(fields: dict[str, Any], leaf: bool, authority: bool) -> None:
    for certificate, within in ((LEAF, leaf), (AUTHORITY, authority)):
        if within:
            assert looked_up(certificate, certificate.serial_number, extensions=[scope(**fields)])
        else:
            with pytest.raises(Undetermined, match="other certificates"):
                looked_up(certificate, extensions=[scope(**fields)])


def test_only_whole_lists_of_the_issuer_itself_are_asked_for() -> None:
    points = [
        point("http://ca.example.com/some", reasons=frozenset({x509.ReasonFlags.superseded})),
        point("http://ca.example.com/other", crl_issuer=[x509.DirectoryName(ROOT.certificate.subject)]),
        point("ldap://ca.example.com/cn=list"),
        point(URL),
    ]
    assert crl.addresses(ROOT.issue("a", points=points).chain[0]) == ["ldap://ca.example.com/cn=list", URL]
    assert crl.addresses(ROOT.certificate) == []
