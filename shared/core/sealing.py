"""Sealing: what is kept sealed can be read, changed or moved by nobody who lacks the keys.

A sealed thing is a head (format, key id, salt) and frames of AES-256-GCM. Each has a key of its own,
derived by HKDF-SHA256 from the named one and a random salt, so that a frame's nonce is simply its
number; the last frame is marked in the nonce too. What is cut, continued or in another order
therefore does not open, and neither does what lies under another label: head and label are
the associated data of every frame. A small value is one frame.
https://eprint.iacr.org/2015/189 (STREAM), https://www.rfc-editor.org/rfc/rfc5869 (HKDF)

The newest key seals, every key opens: keys are rotated without writing anything anew.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec import Struct

from shared.core.errors import SealBroken

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# Bytes of plain text in a frame, of its authentication tag, of the salt.
FRAME, _TAG, _SALT = 64 * 1024, 16, 32

_FORMAT = b"kanri\x01"
_KEY_ID = re.compile(r"[a-z0-9-]{1,32}")
SHORTEST_KEY = 32


class Label(Struct, frozen=True):
    """What a sealed thing is: whose, for what, and its name there. It opens under no other label."""

    tenant_id: UUID
    purpose: str
    name: str

    def __bytes__(self) -> bytes:
        """Return the label as associated data: no two labels are alike."""
        parts = (self.purpose.encode(), self.name.encode())
        return self.tenant_id.bytes + b"".join(b"%d:%s" % (len(part), part) for part in parts)

    def __str__(self) -> str:
        return f"{self.purpose} {self.name}"


def named_keys(text: str) -> Mapping[str, str]:
    """Return keys by id, the newest first, of `id:key id:key ...`; ValueError says what is wrong.

    A key is 32 random characters or more without spaces, an id up to 32 of a-z, 0-9 and hyphen.
    """
    found: dict[str, str] = {}
    for number, entry in enumerate(text.split(), 1):
        key_id, _, key = entry.partition(":")
        if _KEY_ID.fullmatch(key_id) is None or len(key) < SHORTEST_KEY:
            raise ValueError(f"entry {number} is not id:key with {SHORTEST_KEY} characters or more")
        if key_id in found:
            raise ValueError(f"two keys have the id {key_id}")
        found[key_id] = key
    return found


class Keyring:
    """The keys of a deployment. Every method raises SealBroken (`sealing_key_missing`) without any."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        """`keys` by id, the newest first."""
        self._keys = {key_id: key.encode() for key_id, key in keys.items()}

    def seal(self, plain: bytes, label: Label) -> bytes:
        """Return `plain` sealed under `label` with the newest key."""
        return b"".join(self.seal_frames([plain], label))

    def open(self, sealed: bytes, label: Label) -> bytes:
        """Return what `seal` sealed. SealBroken: its key is not here, or it is not what was sealed."""
        return b"".join(self.open_frames([sealed], label))

    def seal_frames(self, plain: Iterable[bytes], label: Label) -> Iterator[bytes]:
        """Yield `plain`, in pieces of whatever size, sealed; in constant memory."""
        key_id = next(iter(self._keys), None)
        if key_id is None:
            raise SealBroken("sealing_key_missing")
        salt = os.urandom(_SALT)
        head = _FORMAT + bytes([len(key_id)]) + key_id.encode() + salt
        cipher, bound = self._cipher(key_id, salt), head + bytes(label)
        yield head
        for number, (frame, last) in enumerate(_cut(plain, FRAME)):
            yield cipher.encrypt(_nonce(number, last=last), frame, bound)

    def open_frames(self, sealed: Iterable[bytes], label: Label) -> Iterator[bytes]:
        """Yield what `seal_frames` sealed, frame by frame.

        Each frame is proved before it is given out, that none is missing at the end only by the
        last: whoever acts on the content waits until the iterator has ended.
        """
        from cryptography.exceptions import InvalidTag

        source = _Source(sealed, label)
        if source.take(len(_FORMAT)) != _FORMAT:
            raise SealBroken("sealed_altered", sealed=str(label))
        size = source.take(1)
        key_id, salt = source.take(size[0]), source.take(_SALT)
        known = key_id.decode("ascii", "replace")
        if known not in self._keys:
            if not self._keys:
                raise SealBroken("sealing_key_missing")
            # What is not of the form of an id was written by nobody of us, and is not repeated.
            shown = known if _KEY_ID.fullmatch(known) else "?"
            raise SealBroken("sealed_key_unknown", sealed=str(label), key=shown)
        cipher = self._cipher(known, salt)
        bound = _FORMAT + size + key_id + salt + bytes(label)
        for number, (frame, last) in enumerate(_cut(source.rest(), FRAME + _TAG)):
            try:
                yield cipher.decrypt(_nonce(number, last=last), frame, bound)
            except InvalidTag:
                raise SealBroken("sealed_altered", sealed=str(label)) from None

    def _cipher(self, key_id: str, salt: bytes) -> "AESGCM":
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        derive = HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"kanri sealing")
        return AESGCM(derive.derive(self._keys[key_id]))


class _Source:
    """Takes the head off a sealed thing that comes in pieces."""

    def __init__(self, pieces: Iterable[bytes], label: Label) -> None:
        self._pieces, self._held, self._label = iter(pieces), b"", label

    def take(self, size: int) -> bytes:
        while len(self._held) < size:
            piece = next(self._pieces, None)
            if piece is None:
                raise SealBroken("sealed_altered", sealed=str(self._label))
            self._held += piece
        taken, self._held = self._held[:size], self._held[size:]
        return taken

    def rest(self) -> Iterable[bytes]:
        return chain([self._held], self._pieces)


def _cut(pieces: Iterable[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """Yield frames of `size` bytes and, marked, the last one: shorter, empty or just as long."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) > size:
            yield bytes(held[:size]), False
            del held[:size]
    yield bytes(held), True


def _nonce(number: int, *, last: bool) -> bytes:
    """96 bits: the number of the frame, and whether it is the last."""
    return number.to_bytes(11, "big") + bytes([last])
