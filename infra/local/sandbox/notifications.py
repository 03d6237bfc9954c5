"""What Graph sends to a subscriber: the handshake before a subscription exists."""

import http.client
import secrets
import ssl
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

_SECONDS = 10
_MOST = 4096


def answers_handshake(url: str, ca_file: Path) -> bool:
    """Whether the endpoint says the token back: 200, text/plain, within ten seconds.

    The sandbox serves nobody meanwhile: the endpoint must not ask it for anything.
    """
    token = f"Validation: sandbox {secrets.token_urlsafe(16)} & more"
    mark = "&" if "?" in url else "?"
    request = urllib.request.Request(  # noqa: S310 - https, as the caller has checked
        f"{url}{mark}validationToken={quote(token, safe='')}",
        data=b"",
        headers={"Content-Type": "text/plain; charset=utf-8"},
        method="POST",
    )
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca_file)),
    )
    try:
        with opener.open(request, timeout=_SECONDS) as answer:
            plain = answer.headers.get_content_type() == "text/plain"
            said: bytes = answer.read(_MOST)
            return answer.status == 200 and plain and said == token.encode()
    except (urllib.error.URLError, http.client.HTTPException, OSError):
        return False  # the refusal of the subscription says so
