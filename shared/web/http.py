"""Requests and responses without Azure: what a handler sees and gives back."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from uuid import UUID

    from shared.core.work import Outgoing


class Request(Struct, frozen=True):
    """One HTTP request. Header names are lower case; `route` holds the values of `{...}` in the path."""

    method: str
    url: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    route: Mapping[str, str]
    body: bytes = b""


class Response(Struct):
    """One HTTP response. `messages` go out with it, to queues that the route's endpoint names.

    `replayed`: it is what was answered before, and nothing was done. `shows` are the tenants whose
    personal data is in it, where its path names none. A body that is `packed` is as small as it gets.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    messages: "tuple[Outgoing, ...]" = ()
    replayed: bool = False
    packed: bool = False
    shows: "tuple[UUID, ...] | None" = None


def json_response(answer: object, status: int = 200, **headers: str) -> Response:
    """Return `answer` as JSON: msgspec structs, dataclasses, dicts, dates, UUIDs."""
    from shared.core.wire import safe_json

    return Response(status, safe_json(answer), {"Content-Type": "application/json", **headers})
