"""Opaque page positions: where the last page ended, signed, and bound to question and caller.

The question is known by the digest (`web.digest`) of all that decides which rows follow which.
A cursor carries what the next page is answered with (when the walk began, on which data) and is
therefore signed: whoever could write one would choose what an answer claims of its own age. The key
is a secret of the deployment, the same in every instance.
"""

import base64
import hmac
import json
from collections.abc import Callable, Sequence
from datetime import date

from msgspec import Struct

from shared.core.errors import BadRequest
from shared.web.digest import digest_of

type Scalar = str | int | float | bool | None

_MAC_BYTES = 16


class Cursors(Struct, frozen=True):
    """Writes and reads the cursors of one caller; `key` is asked for when the first one is."""

    key: Callable[[], bytes]
    caller: str

    def encode(self, digest: str, after: Sequence[object]) -> str:
        """Return the text for a position; `after` are the last row's values of the order columns."""
        values = [value.isoformat() if isinstance(value, date) else value for value in after]
        owner = digest_of(digest, self.caller)
        packed = json.dumps([owner, values], separators=(",", ":")).encode()
        signed = self._mac(packed) + packed
        return base64.urlsafe_b64encode(signed).rstrip(b"=").decode()

    def decode(self, text: str, digest: str) -> list[Scalar]:
        """Return the position; BadRequest for a cursor that is not ours, or of another question."""
        try:
            signed = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        except ValueError:
            raise BadRequest("cursor_malformed", parameter="cursor") from None
        mac, packed = signed[:_MAC_BYTES], signed[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(packed)):
            raise BadRequest("cursor_malformed", parameter="cursor")
        owner, after = json.loads(packed)
        if owner != digest_of(digest, self.caller):
            raise BadRequest("cursor_foreign", parameter="cursor")
        position: list[Scalar] = after
        return position

    def _mac(self, packed: bytes) -> bytes:
        return hmac.digest(self.key(), packed, "sha256")[:_MAC_BYTES]
