"""JSON as the host's Newtonsoft.Json reads and prints it, where that shows in results.

Known difference: texts that look like dates are left alone here; the platform may rewrite them.
"""

import json
from typing import Any


def print_token(value: Any) -> str:
    """What `JToken.ToString()` gives: bare strings, `True`, empty null, indented containers."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value)
    return json.dumps(value, indent=2, ensure_ascii=False)


def looks_like_json(text: str) -> bool:
    """Whether the host takes an output for JSON: braces or brackets around it, nothing more."""
    stripped = text.strip()
    return (stripped[:1], stripped[-1:]) in (("{", "}"), ("[", "]"))
