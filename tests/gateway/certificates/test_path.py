"""The way from a certificate to the nearest anchor."""

from __future__ import annotations

from cryptography import x509

from gateway.certificates.path import path
from tests.gateway.certificates.issuing import Issuer

ROOT = Issuer.root()
MIDDLE = ROOT.authority("middle")
LEAF, *_ = MIDDLE.issue("leaf").chain
CHAIN = [LEAF, MIDDLE.certificate, ROOT.certificate]


def names(chain: list[x509.Certificate], *anchors: x509.Certificate) -> list[str]:
    return [certificate.subject.rfc4514_string()[3:] for certificate in path(chain, anchors)]


def test_the_way_ends_at_the_nearest_anchor() -> None:
    assert names(CHAIN, ROOT.certificate) == ["leaf", "middle", "root"]
    assert names(CHAIN, ROOT.certificate, MIDDLE.certificate) == ["leaf", "middle"]
    assert names(CHAIN, LEAF, ROOT.certificate) == ["leaf"]


def test_the_anchor_need_not_be_in_the_chain() -> None:
    assert names(CHAIN[:2], ROOT.certificate) == ["leaf", "middle", "root"]
    assert names(CHAIN[:1], MIDDLE.certificate) == ["leaf", "middle"]


def test_no_way_leads_to_others() -> None:
    assert names(CHAIN, Issuer.root().certificate) == []
    assert names(CHAIN[:1], ROOT.certificate) == []
    assert names(CHAIN) == []


def test_what_is_no_authority_vouches_for_nothing() -> None:
    pair = ROOT.issue("no authority")
    forged = Issuer(pair.chain[0], pair.private_key).issue("forged").chain[0]
    assert names([forged, pair.chain[0]], ROOT.certificate) == []
    assert names([forged], pair.chain[0]) == ["forged", "no authority"]
