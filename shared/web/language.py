"""Chooses the language of an answer: the `lang` parameter, else `Accept-Language`, else English."""

from shared.core.errors import BadRequest
from shared.core.text import Lang
from shared.web.http import Request


def language(request: Request) -> Lang:
    """Return the language asked for; BadRequest for a `lang` that Kanri does not speak."""
    asked = request.query.get("lang")
    if asked is None:
        return accepted_language(request)
    if asked == "ja":
        return "ja"
    if asked == "en":
        return "en"
    raise BadRequest("value_not_allowed", parameter="lang", value=asked, allowed="en, ja")


def error_language(request: Request) -> Lang:
    """Return the language of a problem: as `language`, for a `lang` at fault too."""
    try:
        return language(request)
    except BadRequest:
        return accepted_language(request)


def accepted_language(request: Request) -> Lang:
    """Return the first of en and ja by weight in `Accept-Language`; `*` is what it does not name."""
    weights: dict[str, float] = {}
    for part in request.headers.get("accept-language", "").lower().split(","):
        tag, _, weight = part.strip().partition(";q=")
        name = tag.split("-")[0].strip()
        weights[name] = max(weights.get(name, 0.0), _weight(weight))
    other = weights.get("*", 0.0)
    return "ja" if weights.get("ja", other) > weights.get("en", other) else "en"


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
