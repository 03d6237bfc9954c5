"""Compresses answers with gzip when the client takes it and the answer is worth it."""

import zlib
from collections.abc import Iterable, Iterator
from copy import replace
from tempfile import SpooledTemporaryFile

from shared.core.errors import BadRequest
from shared.web.http import Response

# Whoever keeps copies keeps one of each: what is another caller's above all.
_VARY = "Accept, Accept-Encoding, Accept-Language, Authorization, X-Api-Key"

WORTH_BYTES = 1024
# Level 1 is two to three times as fast as 6 and packs JSON five to one.
LEVEL = 1
_GZIP = 16 + zlib.MAX_WBITS

# The classic binding takes an answer in one piece, which the worker then copies once or twice on its
# way to the host: together with the number of exports at once this bounds the memory that they take.
MAX_MEGABYTES = 128
_IN_MEMORY = 4 * 1024 * 1024


def compressed(response: Response, accept_encoding: str) -> Response:
    """Return `response` in gzip if `accept_encoding` allows it and the body is over 1 KB."""
    response.headers["Vary"] = _VARY
    packed = response.packed or "Content-Encoding" in response.headers
    if packed or len(response.body) <= WORTH_BYTES or not accepts_gzip(accept_encoding):
        return response
    body = zlib.compress(response.body, LEVEL, _GZIP)
    return replace(response, body=body, headers={**response.headers, "Content-Encoding": "gzip"})


def accepts_gzip(accept_encoding: str) -> bool:
    """Tell whether the header names gzip (or *) with a weight above zero."""
    weights = {}
    for part in accept_encoding.lower().split(","):
        name, _, weight = part.partition(";")
        weights[name.strip()] = weight.replace(" ", "").removeprefix("q=")
    weight = weights.get("gzip", weights.get("*", "0"))
    return weight.strip("0.") != "" or weight == ""


def in_one_piece(chunks: Iterable[bytes], *, packed: bool, megabytes: int = MAX_MEGABYTES) -> bytes:
    """Return `chunks` as one body, in gzip if `packed`; they are put aside on disk beyond 4 MB.

    Only the finished body is ever held as a whole. Raises BadRequest if it grows over `megabytes`.
    """
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        for chunk in _gzip(chunks) if packed else chunks:
            spool.write(chunk)
            if spool.tell() > megabytes * 1_000_000:
                raise BadRequest("export_too_large", limit=megabytes)
        spool.seek(0)
        return spool.read()


def _gzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
    for chunk in chunks:
        yield packer.compress(chunk)
    yield packer.flush()
