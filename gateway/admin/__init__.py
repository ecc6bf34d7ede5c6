"""The administrative endpoints: health, metrics, and the interface to routes."""
