"""A problem as a person sees it in a browser: the same facts as in problem+json, in a plain page."""

from html import escape
from typing import TYPE_CHECKING

from shared.core.text import Lang

if TYPE_CHECKING:
    from shared.web.shapes import Problem

HEADERS = {"Content-Type": "text/html; charset=utf-8"}

_PAGE = """<!doctype html>
<html lang="{lang}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<h1>{title}</h1>
<p>{detail}</p>
<p><code>{code}</code> <code>{request_id}</code></p>
</html>
"""


def problem_page(told: "Problem", lang: Lang) -> bytes:
    """Return the page: title, detail, the stable code and the request id to look up in the log."""
    return _PAGE.format(
        lang=lang,
        title=escape(told.title),
        detail=escape(told.detail),
        code=escape(told.code),
        request_id=escape(told.request_id),
    ).encode()
