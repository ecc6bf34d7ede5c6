"""Metrics: counted as plain numbers while requests run, translated for Prometheus and Common REST when somebody asks."""
