"""CertificateThumbprintFilter: the thumbprint of a client certificate, for tokens that are bound to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from config.types import Ref, Runtime
from gateway.base64url import unpadded
from gateway.filters.base import Filter, Next
from gateway.handlers.base import Handler
from gateway.http.context import Context, InnerContext
from gateway.http.message import Response

if TYPE_CHECKING:
    from gateway.http.message import Request


class CertificateThumbprintContext(InnerContext, name="certificateThumbprint"):
    """The thumbprint, as ConfirmationKeyVerifierAccessTokenResolver compares it with `cnf["x5t#S256"]`."""

    thumbprint: str

    def __init__(self, parent: Context, thumbprint: str) -> None:
        super().__init__(parent)
        self.thumbprint = thumbprint


class CertificateThumbprintFilter(Filter):
    """Computes the SHA-256 thumbprint of a client certificate, for the verification of certificate-bound tokens."""

    certificate: Runtime[Any]
    """The certificate, such as `${contexts.client.certificates[0]}`."""
    failureHandler: Ref[Handler] | None = None
    """What answers when there is no certificate; 403 with an empty body by default."""

    provides: ClassVar = {"next": ("certificateThumbprint",)}
    example: ClassVar = {
        "type": "CertificateThumbprintFilter",
        "config": {"certificate": "${contexts.client.certificates[0]}"},
    }

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        thumbprint = _thumbprint(await self.certificate(context, request))
        if thumbprint is not None:
            return await next(CertificateThumbprintContext(context, thumbprint), request)
        if self.failureHandler is not None:
            return await self.failureHandler.handle(context, request)
        return Response(403)


def _thumbprint(certificate: object) -> str | None:
    """base64url, without padding, of the SHA-256 digest of a certificate; None for anything else."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509 import Certificate

    if not isinstance(certificate, Certificate):
        return None
    return unpadded(certificate.fingerprint(SHA256())).decode()
