"""Certificate revocation lists (RFC 5280): where they are, which can be used, and what they say of a certificate.

Works on bytes and certificates; knows neither where they are fetched nor how long they are kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cryptography import x509

from gateway.certificates.status import UNREADABLE, Status, Undetermined, check_current, revocation

_UNDERSTOOD: Final = (x509.IssuingDistributionPoint, x509.AuthorityKeyIdentifier, x509.CRLNumber)


def addresses(certificate: x509.Certificate) -> list[str]:
    """Where the lists of a certificate's issuer are; points for some reasons only, or of others, are left out."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return []
    return [
        name.value
        for point in points
        if not point.reasons and not point.crl_issuer
        for name in point.full_name or ()
        if isinstance(name, x509.UniformResourceIdentifier)
    ]


def usable(data: bytes, issuer: x509.Certificate) -> x509.CertificateRevocationList:
    """Read a list and make sure that its issuer made it and it is in force; raise Undetermined otherwise."""
    try:
        load = x509.load_pem_x509_crl if data.startswith(b"-----BEGIN") else x509.load_der_x509_crl
        found = load(data)
        if found.issuer != issuer.subject or not _may_sign(issuer):
            raise Undetermined("the list is not that of the issuer")
        if not found.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type] # other keys are a TypeError
            raise Undetermined("the list is not signed by the issuer")
        if found.next_update_utc is None:
            raise Undetermined("the list does not say how long it is in force")
        check_current(found.last_update_utc, found.next_update_utc)
        if any(one.critical and not isinstance(one.value, _UNDERSTOOD) for one in found.extensions):
            raise Undetermined("the list has a critical extension that is not understood")
    except UNREADABLE as error:
        raise Undetermined(f"the list cannot be read: {error}") from None
    return found


def status(found: x509.CertificateRevocationList, certificate: x509.Certificate) -> Status:
    """What a usable list says; raise Undetermined when the certificate is not within its scope."""
    _check_scope(found, certificate)
    entry = found.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if entry is None:
        return Status(next_update=found.next_update_utc)
    try:
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except (x509.ExtensionNotFound, *UNREADABLE):
        reason = None
    return Status(revocation(entry.revocation_date_utc, reason), found.next_update_utc)


def _may_sign(issuer: x509.Certificate) -> bool:
    try:
        return issuer.extensions.get_extension_for_class(x509.KeyUsage).value.crl_sign
    except x509.ExtensionNotFound:
        return True


def _check_scope(found: x509.CertificateRevocationList, certificate: x509.Certificate) -> None:
    """RFC 5280 section 6.3.3 (b): a list may say that it is only for some certificates."""
    try:
        scope = found.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return
    partial = scope.indirect_crl or scope.only_some_reasons or scope.only_contains_attribute_certs
    other = scope.only_contains_user_certs if is_authority(certificate) else scope.only_contains_ca_certs
    if partial or other or not _at_point(scope, certificate):
        raise Undetermined("the list is for other certificates")


def _at_point(scope: x509.IssuingDistributionPoint, certificate: x509.Certificate) -> bool:
    if scope.relative_name is not None:
        return False
    return scope.full_name is None or bool(set(addresses(certificate)) & set(_uris(scope.full_name)))


def _uris(names: Iterable[x509.GeneralName]) -> list[str]:
    return [name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)]


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether a certificate may issue others."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
