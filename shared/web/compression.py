"""Compresses answers with gzip when the client takes it and the answer is worth it."""

import zlib
from collections.abc import Iterator
from dataclasses import replace

from shared.web.http import Response

WORTH_BYTES = 1024
# Level 1 is two to three times as fast as 6 and packs JSON five to one.
LEVEL = 1
_GZIP = 16 + zlib.MAX_WBITS


def compressed(response: Response, accept_encoding: str) -> Response:
    """Return `response` in gzip if `accept_encoding` allows it and the body is over 1 KB."""
    response.headers["Vary"] = "Accept-Encoding, Accept-Language"
    small = isinstance(response.body, bytes) and len(response.body) <= WORTH_BYTES
    if small or not accepts_gzip(accept_encoding):
        return response
    chunks = iter((response.body,)) if isinstance(response.body, bytes) else response.body
    packed = gzip_chunks(chunks)
    body = b"".join(packed) if isinstance(response.body, bytes) else packed
    headers = {**response.headers, "Content-Encoding": "gzip"}
    return replace(response, body=body, headers=headers)


def accepts_gzip(accept_encoding: str) -> bool:
    """Tell whether the header names gzip (or *) with a weight above zero."""
    weights = {}
    for part in accept_encoding.lower().split(","):
        name, _, weight = part.partition(";")
        weights[name.strip()] = weight.replace(" ", "").removeprefix("q=")
    weight = weights.get("gzip", weights.get("*", "0"))
    return weight.strip("0.") != "" or weight == ""


def gzip_chunks(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Compress chunk by chunk, so that memory does not grow with the answer."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
    for chunk in chunks:
        if packed := packer.compress(chunk):
            yield packed
    yield packer.flush()
