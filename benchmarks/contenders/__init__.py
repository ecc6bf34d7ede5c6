"""One module a contender: how it is configured for a static answer, as a reverse proxy, and with TLS."""
