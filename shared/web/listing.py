"""Pages of a short list: how many entries, from where on, and the cursor of what follows."""

from collections.abc import Callable, Sequence

from shared.core.asked import MAX_TOP
from shared.core.errors import BadRequest
from shared.web.cursor import Scalar
from shared.web.digest import digest_of
from shared.web.parameters import whole_number
from shared.web.route import Call

_SAME_LIST = ("top", "cursor", "lang")


def page_of[Entry, Place](
    call: Call,
    read: Callable[[int, Place | None], Sequence[Entry]],
    place_of: Callable[[Entry], Sequence[object]],
    place: Callable[..., Place],
    *,
    default: int = 100,
    most: int = MAX_TOP,
) -> tuple[list[Entry], str | None]:
    """Return the entries of the page that `call` asks for, and the cursor of the next; None on the last.

    `read` takes how many entries and where the last page ended, `place_of` tells where an entry
    stands, and `place` is its inverse on what a cursor holds. BadRequest for a cursor that is not ours,
    or of another list: whatever the address asks for but size, place and language makes another one.
    """
    asked = call.request.query
    top = whole_number(call.request, "top", default, 1, most)
    narrowed = sorted((name, value) for name, value in asked.items() if name not in _SAME_LIST)
    digest = digest_of(place_of.__module__, call.request.route.get("tenant"), narrowed)
    cursor = asked.get("cursor")
    after = None if cursor is None else _placed(call.cursors.decode(cursor, digest), place)
    found = list(read(top + 1, after))
    entries = found[:top]
    more = len(found) > top
    return entries, call.cursors.encode(digest, place_of(entries[-1])) if more else None


def _placed[Place](parts: list[Scalar], place: Callable[..., Place]) -> Place:
    try:
        return place(*parts)
    except (TypeError, ValueError, OverflowError):
        raise BadRequest("cursor_malformed", parameter="cursor") from None
