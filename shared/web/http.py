"""Requests and responses without Azure: what a handler sees and gives back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.core.work import Outgoing


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. Header names are lower case; `route` holds the values of `{...}` in the path."""

    method: str
    url: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    route: Mapping[str, str]
    body: bytes = b""


@dataclass(slots=True)
class Response:
    """One HTTP response. `messages` go out with it, to queues that the route's endpoint names."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    messages: "tuple[Outgoing, ...]" = ()


# What hides or turns round what people read (core.names), as UTF-8. It stands inside strings only.
_HIDING = (
    re.compile(rb"\xe2(?:\x80[\x8e\x8f\xa8-\xae]|\x81[\xa6-\xa9])"),
    re.compile(rb"\xc2[\x80-\x9f]"),
    re.compile(rb"\xd8\x9c"),
    re.compile(rb"\x7f"),
)


def written_out(document: bytes) -> bytes:
    """Return a JSON document with such signs as escapes: the same values, safe to look at."""
    for sign in _HIDING:
        if sign.search(document) is not None:
            document = sign.sub(_escape, document)
    return document


def _escape(found: re.Match[bytes]) -> bytes:
    return f"\\u{ord(found[0].decode()):04x}".encode()


def json_response(answer: object, status: int = 200, **headers: str) -> Response:
    """Return `answer` as JSON: msgspec structs, dataclasses, dicts, dates, UUIDs."""
    import msgspec

    body = written_out(msgspec.json.encode(answer))
    return Response(status, body, {"Content-Type": "application/json", **headers})
