"""Text of a file in whatever encoding the PowerShell tool, Excel or an editor saved it."""

import codecs
import io
from typing import IO

from msgspec import Struct

from shared.core.past.refused import Refused

_CHUNK = 1 << 20
_LOOKED_AT = 2_000


class Encoding(Struct, frozen=True):
    """The name as Python has it; whether the file says it by a byte order mark."""

    name: str
    marked: bool


def encoding_of(body: bytes) -> Encoding:
    """Return the encoding that all of `body` is in; Refused if there is none, or its end is missing."""
    if body.startswith(codecs.BOM_UTF8):
        return _whole(body, Encoding("utf-8-sig", marked=True))
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _whole(body, Encoding("utf-16", marked=True))
    first = body[:_LOOKED_AT]
    even, odd = first[::2].count(0), first[1::2].count(0)
    if even + odd > len(first) // 8:
        name = "utf-16-le" if odd > even else "utf-16-be"
        return _whole(body, Encoding(name, marked=False))
    if _fails(body, "utf-8") in (None, "end"):
        return _whole(body, Encoding("utf-8", marked=False))
    return _whole(body, Encoding("cp932", marked=False))


def opened(body: bytes, encoding: Encoding) -> IO[str]:
    """Return the text, decoded as it is read."""
    return io.TextIOWrapper(io.BytesIO(body), encoding.name, newline="")


def _whole(body: bytes, encoding: Encoding) -> Encoding:
    fails = _fails(body, encoding.name)
    if fails is not None:
        raise Refused("half" if fails == "end" else "encoding")
    return encoding


def _fails(body: bytes, name: str) -> str | None:
    """Return None if all of it is in the encoding, "end" if only its last character is cut, else "it"."""
    decoder = codecs.getincrementaldecoder(name)()
    for begin in range(0, len(body), _CHUNK):
        try:
            text = decoder.decode(body[begin : begin + _CHUNK])
        except UnicodeError:
            return "it"
        if "\0" in text:
            return "it"
    try:
        decoder.decode(b"", final=True)
    except UnicodeError:
        return "end"
    return None
