"""Opaque page positions: where the last page ended, bound to the question it belongs to.

A cursor is not signed: it carries nothing but values of the last row, which its owner has seen, and is
checked like any other input. A cursor of another question is refused by the digest.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import date

from shared.core.errors import BadRequest

type Scalar = str | int | float | bool | None


def digest_of(*question: object) -> str:
    """Return the fingerprint of everything that decides which rows follow which."""
    return hashlib.sha256(repr(question).encode()).hexdigest()[:24]


def encode_cursor(digest: str, after: Sequence[object]) -> str:
    """Return the text for a position; `after` are the last row's values of the order columns."""
    values = [value.isoformat() if isinstance(value, date) else value for value in after]
    packed = json.dumps([digest, values], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode_cursor(text: str, digest: str) -> list[Scalar]:
    """Return the position; BadRequest for a garbled cursor or one of another question."""
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        owner, after = json.loads(packed)
    except (ValueError, TypeError, RecursionError):
        raise BadRequest("cursor_malformed", parameter="cursor") from None
    if not isinstance(after, list) or not all(_is_scalar(value) for value in after):
        raise BadRequest("cursor_malformed", parameter="cursor")
    if owner != digest:
        raise BadRequest("cursor_foreign", parameter="cursor")
    return after


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
