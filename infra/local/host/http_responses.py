"""From what a function returned to the HTTP response that the platform makes of it."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any
from urllib.parse import quote

from infra.local.host.functions import Function
from infra.local.host.newtonsoft import print_token
from infra.local.host.wire import Cookie, HttpData, Result, decode_http

PLAIN = "text/plain; charset=utf-8"
# Set by the server itself; a second one from the function is dropped.
SERVER_HEADERS = {"content-length", "transfer-encoding", "date", "connection"}


@dataclass(frozen=True, slots=True)
class Response:
    """Status, headers and body on their way to the client."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    chunks: AsyncIterator[bytes] | None = None
    """A body that is still coming, instead of `body`."""

    @property
    def has_body(self) -> bool:
        """Whether HTTP allows a body with this status."""
        return self.status >= 200 and self.status not in (204, 304)


def plain(status: int, text: str = "") -> Response:
    """A response of the host's own; without text it is empty."""
    return Response(status, [("content-type", PLAIN)] if text else [], text.encode())


def json_response(value: Any) -> Response:
    """A JSON response of the host's own."""
    body = json.dumps(value).encode()
    return Response(200, [("content-type", "application/json; charset=utf-8")], body)


def build_response(function: Function, result: Result) -> Response:
    """The response for an HTTP function's result.

    An HTTP output left unset is an empty 200, and so is a return value bound to something else; a
    function that binds neither answers 204, as Microsoft's suite for the Python worker has it
    (https://github.com/Azure/azure-functions-python-worker, test_no_return and
    test_blob_io_return). Raises ValueError for a response that cannot be sent.
    """
    binding = next((item for item in function.outputs if item.type == "http"), None)
    if binding is None:
        returns = any(item.name == "$return" for item in function.outputs)
        return plain(200 if returns else 204)
    value = result.returned if binding.name == "$return" else result.outputs.get(binding.name)
    if value is None:
        return plain(200)
    if value.kind == "http" and isinstance(value.value, bytes):
        return _from_http(decode_http(value.value))
    if isinstance(value.value, bytes):
        return Response(200, [("content-type", "application/octet-stream")], value.value)
    return _from_text(str(value.value))


def _from_http(data: HttpData) -> Response:
    headers = [(k.lower(), v) for k, v in data.headers.items() if k.lower() not in SERVER_HEADERS]
    headers += [("set-cookie", format_cookie(cookie)) for cookie in data.cookies]
    body = data.body.value if data.body else b""
    content = body if isinstance(body, bytes) else str(body).encode()
    return Response(int(data.status), headers, content)


def _from_text(text: str) -> Response:
    """A returned str is tried as JSON first: an object with `body` describes a whole response."""
    try:
        token = json.loads(text)
    except ValueError:
        return Response(200, [("content-type", PLAIN)], text.encode())
    if isinstance(token, dict):
        described = {key.lower(): value for key, value in token.items()}
        if "body" in described:
            return _described(described)
    return _printed(200, [], token)


def _described(described: dict[str, Any]) -> Response:
    status = described.get("statuscode", described.get("status", 200))
    headers = [
        (str(k).lower(), print_token(v)) for k, v in (described.get("headers") or {}).items()
    ]
    for item in described.get("cookies") or []:
        cookie = {str(key).lower(): value for key, value in item.items()}
        headers.append(
            ("set-cookie", format_cookie(Cookie(str(cookie["name"]), str(cookie["value"]))))
        )
    return _printed(int(status), headers, described["body"])


def _printed(status: int, headers: list[tuple[str, str]], token: Any) -> Response:
    if not any(name == "content-type" for name, _ in headers):
        headers = [*headers, ("content-type", PLAIN)]
    return Response(status, headers, print_token(token).encode())


def format_cookie(cookie: Cookie) -> str:
    """A Set-Cookie value in ASP.NET Core's order; the path defaults to /.

    The worker sends attributes that a cookie lacks as empty texts, and so they are printed.
    """
    parts = [f"{cookie.name}={quote(cookie.value, safe='')}"]
    if cookie.expires is not None:
        parts.append(f"expires={formatdate(cookie.expires, usegmt=True)}")
    if cookie.max_age is not None:
        parts.append(f"max-age={cookie.max_age:.0f}")
    if cookie.domain is not None:
        parts.append(f"domain={cookie.domain}")
    parts.append(f"path={'/' if cookie.path is None else cookie.path}")
    if cookie.secure:
        parts.append("secure")
    if cookie.same_site:
        parts.append(f"samesite={cookie.same_site.lower()}")
    if cookie.http_only:
        parts.append("httponly")
    return "; ".join(parts)
