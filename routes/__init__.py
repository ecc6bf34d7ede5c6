"""Ready-to-run routes, shipped as data."""
