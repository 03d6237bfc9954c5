"""An audit event, and the chain it stands in: each link is a digest of the event and of the link before.

The digest is SHA-256 over the previous digest (32 bytes, zeros before the first event) and the
event's canonical form: its fields in the order of FIELDS as texts, each as `<bytes>:<text>` in
UTF-8, `-` for null, with commas between them. The database makes it as an event is stored (a
trigger, see store/audit/chain.py); whoever verifies makes it again here, from rows or from files.
"""

import hashlib
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from msgspec import Struct

NOTHING_BEFORE = bytes(32)

# The result of an act that was done; any other is the code of the error that it ended with.
DONE = "done"

# In the order of the canonical form. It never changes: a column that is added is not part of it.
FIELDS = (
    "tenant_id",
    "seq",
    "at",
    "act",
    "result",
    "caller",
    "authority",
    "address",
    "target",
    "request_id",
    "times",
    "before",
    "after",
)


class AuditEvent(Struct, frozen=True, kw_only=True):
    """Who did what, or tried to. Each tenant has a chain, and the deployment one (DEPLOYMENT).

    `caller` is an id such as `key:...`, `authority` what it is and may: `key operator`,
    `token tenant`, `anonymous`, `work`. `result` is `done` or an error code. `times` is how often it
    happened, told as one. `before` and `after` are JSON texts. `at` is UTC, to the microsecond.
    """

    tenant_id: UUID
    at: datetime
    act: str
    result: str
    caller: str
    authority: str
    address: str | None = None
    target: str | None = None
    request_id: str | None = None
    times: int = 1
    before: str | None = None
    after: str | None = None


class ChainedEvent(AuditEvent, frozen=True, kw_only=True):
    """An event as it is stored: its number in the chain (1, 2, 3 ...) and both digests."""

    seq: int
    previous: bytes
    hash: bytes


def digest(event: AuditEvent, seq: int, previous: bytes) -> bytes:
    """Return the digest that `event` has as number `seq` after the digest `previous`."""
    return hashlib.sha256(previous + canonical(event, seq)).digest()


def canonical(event: AuditEvent, seq: int) -> bytes:
    """Return the canonical form of `event` as number `seq`."""
    values = [str(seq) if name == "seq" else _text(getattr(event, name)) for name in FIELDS]
    return b",".join(map(_field, values))


def json_text(values: object) -> str | None:
    """Return what an event tells as JSON, keys sorted; None if it is nothing."""
    return msgspec.json.encode(values, order="sorted").decode() if values else None


def _text(value: object) -> str | None:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
    return None if value is None else str(value)


def _field(text: str | None) -> bytes:
    if text is None:
        return b"-"
    encoded = text.encode()
    return b"%d:%s" % (len(encoded), encoded)
