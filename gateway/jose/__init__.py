"""JSON object signing and encryption: reading, making and validating JWTs with keys from `gateway.secrets`."""
