"""Requests and responses without Azure: what a handler sees and gives back."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace


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
    """One HTTP response. A body of chunks is read as it is sent.

    `messages` are queue messages that go out with the response, `late_headers` are those that only
    the body, once read, can tell.
    """

    status: int = 200
    body: bytes | Iterator[bytes] = b""
    headers: dict[str, str] = field(default_factory=dict)
    messages: tuple[str, ...] = ()
    late_headers: Callable[[], Mapping[str, str]] | None = None


def json_response(answer: object, status: int = 200, **headers: str) -> Response:
    """Return `answer` as JSON: msgspec structs, dataclasses, dicts, dates, UUIDs."""
    import msgspec

    body = msgspec.json.encode(answer)
    return Response(status, body, {"Content-Type": "application/json", **headers})


def joined(response: Response) -> Response:
    """Return `response` with its body in one piece."""
    if isinstance(response.body, bytes):
        return response
    body = b"".join(response.body)
    late = response.late_headers() if response.late_headers else {}
    return replace(response, body=body, headers={**response.headers, **late}, late_headers=None)
