"""Metrics: counted as plain numbers while requests run, translated for Prometheus and JSON when somebody asks."""
