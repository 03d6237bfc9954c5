"""HTML by hand: text made harmless, elements around it, and what a page may load and run (nothing else)."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape
from pathlib import Path

_HERE = Path(__file__).parent


def text(value: str) -> str:
    """Return a text as the content of an element or the value of an attribute in double quotes."""
    # Most cells are letters and digits, which need no look at each sign that does harm.
    return value if value.isalnum() else escape(value)


def table(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table; without a `header` the first cell of each line is its name."""
    head = "".join(f'<th scope="col">{text(name)}' for name in header)
    parts = [f"<table>{f'<thead><tr>{head}</tr></thead>' if header else ''}<tbody>"]
    for first, *rest in lines:
        name = f"<td>{text(first)}" if header else f'<th scope="row">{text(first)}'
        parts.append(f"<tr>{name}{''.join(f'<td>{text(cell)}' for cell in rest)}</tr>\n")
    return "".join(parts) + "</table>\n"


@cache
def asset(name: str) -> str:
    """Return the text of a style sheet or script that lies beside this file."""
    return (_HERE / name).read_text(encoding="utf-8")


@cache
def _digest(content: str) -> str:
    return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def policy(styles: Iterable[str], scripts: Iterable[str]) -> str:
    """Return the `meta` element that lets a page apply and run exactly these inline texts."""
    allowed = [("style-src", styles), ("script-src", scripts)]
    told = (
        f"{what} {' '.join(f"'sha256-{_digest(one)}'" for one in texts) or "'none'"}"
        for what, texts in allowed
    )
    rules = "; ".join(("default-src 'none'", *told, "base-uri 'none'", "form-action 'none'"))
    return f'<meta http-equiv="Content-Security-Policy" content="{rules}">'
