"""Addresses of our own in answers: below the one configured public address, else relative.

Never from `Host` or `X-Forwarded-Host`: behind a front door the host that a request names is the
origin's, which refuses who comes past the door, and a caller may write there what he likes.
"""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from shared.web.http import Request

# What stands in a path as it is (RFC 3986 section 3.3), and what is escaped already.
_PATH_SIGNS = "/%-._~!$&'()*+,;=:@"


def path_of(request: Request) -> str:
    """Return the path of the request, fit for a header: one slash first, as two would name a host."""
    path = request.url.partition("?")[0].partition("#")[0]
    if "://" in path:
        path = "/" + path.partition("://")[2].partition("/")[2]
    return "/" + quote(path.lstrip("/\\"), _PATH_SIGNS, errors="replace")


def link_to(request: Request, public_url: str, query: Mapping[str, str] | None = None) -> str:
    """Return the address of what was asked for, with another query: absolute if we know our own."""
    asked = f"?{urlencode(query)}" if query else ""
    return f"{public_url}{path_of(request)}{asked}"


def link_at(path: str, public_url: str) -> str:
    """Return the address of another thing of ours, by its path below `api/`."""
    return f"{public_url}/api/{path}"
