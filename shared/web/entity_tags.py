"""Makes and compares entity tags: is the copy that a client names the answer that it would get?

https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2
"""

import re

from shared.web.digest import digest_of
from shared.web.http import Response

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS = rf"[ \t,]*{_TAG}(?:[ \t]*,[ \t,]*{_TAG})*[ \t,]*"


def tag_of(*known: object) -> str:
    """Return the weak tag of an answer: all that decides it goes in, so that it changes with it."""
    return f'W/"{digest_of(*known)}"'


def strong_tag_of(*known: object) -> str:
    """Return the strong tag of a thing that callers change: all that they can see of it goes in."""
    return f'"{digest_of(*known)}"'


def confirmed(response: Response, if_none_match: str) -> Response:
    """Return `response` with a tag, for whoever keeps a copy to ask by; 304 if his is the same.

    Only an answer that has no tag yet gets one, of all that it says.
    """
    if response.status != 200 or "ETag" in response.headers:
        return response
    kept = {"ETag": tag_of(response.body), "Cache-Control": "private, no-cache"}
    if is_named(kept["ETag"], if_none_match):
        return Response(304, b"", kept)
    response.headers.update(kept)
    return response


def is_current(tag: str, if_match: str) -> bool:
    """Tell whether `If-Match` names `tag`, by the strong comparison; `*` names whatever there is."""
    if if_match.strip() == "*":
        return True
    if re.fullmatch(_TAGS, if_match) is None:
        return False
    return tag in re.findall(_TAG, if_match)


def is_named(tag: str, if_none_match: str) -> bool:
    """Tell whether `If-None-Match` names `tag`, by the weak comparison: with or without W/.

    `*` names whatever there is; a list that is malformed names nothing.
    """
    if if_none_match.strip() == "*":
        return True
    if not if_none_match or re.fullmatch(_TAGS, if_none_match) is None:
        return False
    opaque = tag.removeprefix("W/")
    return any(one.removeprefix("W/") == opaque for one in re.findall(_TAG, if_none_match))
