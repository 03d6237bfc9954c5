"""Deterministic chance: numbers and GUIDs that depend on nothing but the seed, a kind and an index."""

from hashlib import blake2b

_FIRST_GROUP = 1 << 32


class Dice:
    """Rolls for one kind of object.

    GUIDs are reversible: their first eight digits are the index under an affine map modulo 2**32,
    so that 500,000 users need no dictionary from id to index.
    """

    __slots__ = ("_add", "_inverse", "_key", "_odd", "_tails")

    def __init__(self, seed: int, kind: str) -> None:
        self._key = blake2b(f"{seed}/{kind}".encode(), digest_size=32).digest()
        self._odd = int.from_bytes(self._key[:4]) | 1
        self._add = int.from_bytes(self._key[4:8])
        self._inverse = pow(self._odd, -1, _FIRST_GROUP)
        self._tails = [
            _tail(blake2b(bytes([n]), digest_size=12, key=self._key)) for n in range(256)
        ]

    def roll(self, index: int) -> bytes:
        """48 random bytes that belong to `index`."""
        return blake2b(index.to_bytes(8), digest_size=48, key=self._key).digest()

    def guid(self, index: int) -> str:
        """The GUID of `index`; the first digits alone make it unique."""
        first = (index * self._odd + self._add) % _FIRST_GROUP
        return f"{first:08x}{self._tails[(first >> 7) & 255]}"

    def index(self, guid: str) -> int | None:
        """The index behind a GUID of this kind, None for a foreign one."""
        try:
            first = int(guid[:8], 16)
        except ValueError:
            return None
        index = (first - self._add) * self._inverse % _FIRST_GROUP
        return index if self.guid(index) == guid.lower() else None


def _tail(digest: blake2b) -> str:
    text = digest.hexdigest()
    return f"-{text[:4]}-4{text[5:8]}-a{text[9:12]}-{text[12:24]}"
