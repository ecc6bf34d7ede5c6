"""The way from a certificate to a trust anchor, within a chain whose handshake verified it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from gateway.certificates.crl import is_authority
from gateway.certificates.status import UNREADABLE


def path(chain: Sequence[x509.Certificate], anchors: Collection[x509.Certificate]) -> list[x509.Certificate]:
    """The certificates from the first of a chain to the nearest anchor, both included; empty when none is reached."""
    way = [chain[0]]
    while way[-1] not in anchors:
        above = (one for one in (*anchors, *chain) if one not in way and _issued(way[-1], one, anchors))
        issuer = next(above, None)
        if issuer is None:
            return []
        way.append(issuer)
    return way


def _issued(certificate: x509.Certificate, issuer: x509.Certificate, anchors: Collection[x509.Certificate]) -> bool:
    if certificate.issuer != issuer.subject or not (issuer in anchors or is_authority(issuer)):
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *UNREADABLE):
        return False
    return True
