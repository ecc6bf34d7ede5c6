"""The few HTML pages of the sandbox; everything that is put into them is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from aiohttp import web

STYLE = (
    "body{font-family:sans-serif;max-width:60em;margin:2em auto;color:#222}"
    "td,th{text-align:left;padding:.2em 1em .2em 0}"
)


def page(title: str, body: str, status: int = 200) -> web.Response:
    """A page; `body` is HTML already."""
    text = (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head>\n<body>\n<h1>{escape(title)}</h1>\n{body}\n</body></html>\n"
    )
    # What a header field held may not be text in any encoding.
    body_bytes = text.encode("utf-8", "replace")
    headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
    return web.Response(body=body_bytes, status=status, headers=headers)


def hidden(fields: Mapping[str, str]) -> str:
    """Hidden form fields."""
    return "\n".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items()
    )


def table(rows: Iterable[tuple[str, str]]) -> str:
    """A table of names and values."""
    lines = "\n".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    return f"<table>\n{lines}\n</table>"


def auto_submit(action: str, fields: Mapping[str, str]) -> web.Response:
    """A page that posts fields somewhere by itself (response_mode=form_post)."""
    form = f'<form method="post" action="{escape(action)}">\n{hidden(fields)}\n<button>Continue</button></form>'
    return page("Continue", f"{form}\n<script>document.forms[0].submit()</script>")
