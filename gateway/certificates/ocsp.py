"""OCSP (RFC 6960): what is asked about a certificate, and what of an answer can be relied on.

Works on bytes and certificates; knows neither where they are fetched nor how long they are kept.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from gateway.certificates.status import SKEW, UNREADABLE, Status, Undetermined, check_current, revocation

_NONCE: Final = 16


def responders(certificate: x509.Certificate) -> list[str]:
    """The addresses of the OCSP responders that a certificate names."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return []
    return [
        description.access_location.value
        for description in access
        if description.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(description.access_location, x509.UniformResourceIdentifier)
    ]


def question(certificate: x509.Certificate, issuer: x509.Certificate) -> ocsp.OCSPRequest:
    """What a responder is asked; the nonce keeps old answers from being replayed where the responder repeats it."""
    builder = ocsp.OCSPRequestBuilder()
    # The one hash that every responder knows; it names the issuer here and proves nothing.
    builder = builder.add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303
    return builder.add_extension(x509.OCSPNonce(os.urandom(_NONCE)), critical=False).build()


def answer(data: bytes, request: ocsp.OCSPRequest, issuer: x509.Certificate) -> Status:
    """Read the answer to a question; raise Undetermined when it cannot be relied on or says "unknown"."""
    try:
        response = ocsp.load_der_ocsp_response(data)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise Undetermined(f"the responder refused: {response.response_status.name.lower()}")
        _check_extensions(response, request)
        _check_signature(response, issuer)
        single = _about(response, request)
        check_current(single.this_update_utc, single.next_update_utc)
        return _status(single)
    except UNREADABLE as error:
        raise Undetermined(f"the answer cannot be read: {error}") from None


def _check_extensions(response: ocsp.OCSPResponse, request: ocsp.OCSPRequest) -> None:
    for extension in response.extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            if extension.value != request.extensions.get_extension_for_class(x509.OCSPNonce).value:
                raise Undetermined("the answer is to another question")
        elif extension.critical:
            raise Undetermined("the answer has an unknown critical extension")
    if any(extension.critical for extension in response.single_extensions):
        raise Undetermined("the answer has an unknown critical extension")


def _about(response: ocsp.OCSPResponse, request: ocsp.OCSPRequest) -> ocsp.OCSPSingleResponse:
    for single in response.responses:
        if (
            single.serial_number == request.serial_number
            and isinstance(single.hash_algorithm, type(request.hash_algorithm))
            and single.issuer_name_hash == request.issuer_name_hash
            and single.issuer_key_hash == request.issuer_key_hash
        ):
            return single
    raise Undetermined("the answer is about another certificate")


def _status(single: ocsp.OCSPSingleResponse) -> Status:
    if single.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
        raise Undetermined("the responder does not know the certificate")
    if single.certificate_status is ocsp.OCSPCertStatus.GOOD:
        return Status(next_update=single.next_update_utc)
    when, reason = single.revocation_time_utc or single.this_update_utc, single.revocation_reason
    return Status(revocation(when, reason.value if reason else None), single.next_update_utc)


# -- who may answer


def _check_signature(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> None:
    for signer in _signers(response, issuer):
        try:
            _verify(signer, response)
        except InvalidSignature:
            continue
        return
    raise Undetermined("the answer is not signed by the issuer or for it")


def _signers(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> Iterator[x509.Certificate]:
    """The issuer, and those whom it allowed to answer, as far as the answer says that it is theirs."""
    if _answers(issuer, response):
        yield issuer
    for certificate in response.certificates:
        if _answers(certificate, response) and _delegated(certificate, issuer):
            yield certificate


def _answers(certificate: x509.Certificate, response: ocsp.OCSPResponse) -> bool:
    if response.responder_name is not None:
        return response.responder_name == certificate.subject
    return response.responder_key_hash == x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest


def _delegated(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """RFC 6960 section 4.2.2.2: issued by the issuer itself, for this purpose. Java does not ask further either."""
    now = datetime.now(UTC)
    if not certificate.not_valid_before_utc - SKEW <= now <= certificate.not_valid_after_utc + SKEW:
        return False
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, InvalidSignature, *UNREADABLE):
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in usage


def _verify(signer: x509.Certificate, response: ocsp.OCSPResponse) -> None:
    key, algorithm = signer.public_key(), response.signature_hash_algorithm
    signature, data = response.signature, response.tbs_response_bytes
    if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        key.verify(signature, data)
    elif algorithm is None or isinstance(algorithm, hashes.MD5):
        raise InvalidSignature
    elif isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, data, padding.PKCS1v15(), algorithm)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, data, ec.ECDSA(algorithm))
    else:
        raise InvalidSignature
