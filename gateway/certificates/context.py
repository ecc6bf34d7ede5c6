"""A TLS context that remembers whom it trusts: a server's handshake may be with any of several, old and new ones."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.secrets.key_material import TrustAnchors


class AnchoredContext(ssl.SSLContext):
    """The context of a server that asks its clients for certificates."""

    anchors: TrustAnchors
    """What the certificates of clients have to lead to."""

    def vets(self, connection: ssl.SSLObject) -> bool:
        """Whether the handshake alone does not say that the client of a connection is trusted.

        A session that TLS 1.2 resumes is not verified again: its client may not be trusted any more.
        """
        if connection.getpeercert(binary_form=True) is None:
            return False
        return self.anchors.check_revocation or connection.session_reused is True
