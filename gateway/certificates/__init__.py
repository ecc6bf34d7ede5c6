"""The certificates of the other side of a TLS connection: their chain, and whether their issuers revoked them."""
