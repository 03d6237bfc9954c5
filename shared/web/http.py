"""Requests and responses without Azure: what a handler sees and gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field


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
    """One HTTP response. `messages` are queue messages that go out with it."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    messages: tuple[str, ...] = ()


def json_response(answer: object, status: int = 200, **headers: str) -> Response:
    """Return `answer` as JSON: msgspec structs, dataclasses, dicts, dates, UUIDs."""
    import msgspec

    body = msgspec.json.encode(answer)
    return Response(status, body, {"Content-Type": "application/json", **headers})
