"""Names that people read: what hides or turns round their letters has no place in them.

The signs are the control characters (C0, DEL, C1), the marks, embeddings, overrides and isolates of
bidirectional text, line and paragraph separator, and lone surrogates:
https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
"""

import re

# The inside of a character class, in the syntax that Python and JSON Schema share.
HALF_SURROGATES = r"\ud800-\udfff"
HIDING = r"\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069" + HALF_SURROGATES

LONGEST_NAME = 200

_HIDING = f"[{HIDING}]"


def shown(text: str) -> str:
    """Return the text with a replacement character for each such sign."""
    return _without_hiding(text, "\N{REPLACEMENT CHARACTER}")


def plain_name(name: str) -> str | None:
    """Return the name without such signs, at most 200 characters of it; None if nothing is left."""
    return _without_hiding(name, "").strip()[:LONGEST_NAME] or None


def _without_hiding(text: str, instead: str) -> str:
    # None of them is printable, so most texts need no pattern, which takes milliseconds to compile.
    return text if text.isprintable() else re.sub(_HIDING, instead, text)
