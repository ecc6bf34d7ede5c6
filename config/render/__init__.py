"""Findings as text for people and for machines: one module a form, each with `render(diagnostics) -> str`.

A form is imported when it is asked for: `full` for a terminal may colour with rich.
"""
