"""Takes the format of an answer from `Accept` where the question names none: both ways ask alike.

What a question names (`format=csv`) goes before the header. The most specific range of the header says how
welcome a media type is; of those that are equally welcome one that is named goes before one that is meant by
`*/*`, and the first of the route before the others: https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
"""

import re
from collections.abc import Mapping
from copy import replace
from typing import TYPE_CHECKING

from shared.core.declarations import of
from shared.core.errors import NotAcceptable
from shared.core.format import FORMATS

if TYPE_CHECKING:
    from shared.web.http import Request
    from shared.web.route import Route

# Compiled with the first header that is read: the first answer of a worker seldom has one.
_WEIGHT = r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?"
_RANGE = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+"


def as_accepted(route: "Route", request: "Request") -> "Request":
    """Return the request with the format that its `Accept` asks for, as if it had been named.

    It stays as it is where nothing is asked for, or nothing that there is: `check_accepted`.
    """
    form = _wanted(route, request)
    if form is None or form == route.formats[0]:
        return request
    return replace(request, query={**request.query, "format": form})


def check_accepted(route: "Route", request: "Request") -> None:
    """Raise NotAcceptable if the route has no format that `Accept` admits, and none is named."""
    if _chooses(route, request) and _wanted(route, request) is None:
        offered = ", ".join(_media_type(form) for form in route.formats)
        raise NotAcceptable("format_not_acceptable", parameter="Accept", offered=offered)


def _chooses(route: "Route", request: "Request") -> bool:
    return bool(route.formats) and "format" not in request.query and "accept" in request.headers


def _wanted(route: "Route", request: "Request") -> str | None:
    if not _chooses(route, request):
        return None
    return chosen(request.headers["accept"], {form: _media_type(form) for form in route.formats})


def _media_type(form: str) -> str:
    return of(FORMATS)[form].media_type.partition(";")[0]


def chosen(accept: str, offered: Mapping[str, str]) -> str | None:
    """Return which of `offered` (name -> media type, the usual one first) is the most welcome.

    None if none is. A header without any range that can be read admits everything.
    """
    ranges = _ranges(accept)
    if not ranges:
        return next(iter(offered))
    welcome = [
        (weight, specific, -place, name)
        for place, (name, media_type) in enumerate(offered.items())
        for specific, weight in [_weight_of(media_type, ranges)]
        if weight > 0
    ]
    return max(welcome)[-1] if welcome else None


def _ranges(accept: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in accept.lower().split(","):
        name, *parameters = (word.strip() for word in part.split(";"))
        weights = [word[2:] for word in parameters if word.startswith("q=")]
        readable = all(re.fullmatch(_WEIGHT, weight) for weight in weights)
        if re.fullmatch(_RANGE, name) is not None and readable:
            weight = float(weights[0]) if weights else 1.0
            found[name] = max(weight, found.get(name, 0.0))
    return found


def _weight_of(media_type: str, ranges: Mapping[str, float]) -> tuple[int, float]:
    """How specific the range is that speaks of a media type, and its weight: 0 if none does."""
    kind = media_type.partition("/")[0]
    for specific, name in ((2, media_type), (1, f"{kind}/*"), (0, "*/*")):
        if name in ranges:
            return specific, ranges[name]
    return 0, 0.0
