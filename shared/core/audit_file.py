"""A file of archived audit events: a range of one chain, readable by anybody who has the keys.

Inside the seal it is gzip over lines of JSON: the first tells the range and its digests, each other
one event, with the names of core/audit.py, digests in hexadecimal digits. So whoever verifies it in
seven years needs no program of ours.
"""

import gzip
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from shared.core.audit import ChainedEvent
from shared.core.errors import SealBroken
from shared.core.sealing import Keyring, Label

_FOLDER, _ENDING = "events", ".jsonl.gz.sealed"
_PURPOSE, _FORMAT = "audit", 1

_NAMES = ChainedEvent.__struct_fields__


class _Range(msgspec.Struct):
    """The first line: which events of which chain, and the digest that they go on from and end with."""

    format: int
    chain: UUID
    first: int
    last: int
    previous: str
    hash: str


def chain_prefix(chain: UUID) -> str:
    """Return what the names of a chain's files begin with; sorted they are in the chain's order."""
    return f"{_FOLDER}/{chain}/"


def file_name(chain: UUID, month: datetime, first: int) -> str:
    """Return the name of the file that begins with event `first`, told in `month`. No other has it."""
    return f"{chain_prefix(chain)}{month.astimezone(UTC):%Y-%m}/{first:012}{_ENDING}"


def first_of(name: str) -> int:
    """Return the number of the first event in a file of that name; ValueError if it is none of ours."""
    return int(name.rpartition("/")[2].removesuffix(_ENDING))


def sealed_file(events: Sequence[ChainedEvent], name: str, keyring: Keyring) -> bytes:
    """Return the content of the file: `events`, in order and of one chain, sealed under its name."""
    first, last = events[0], events[-1]
    head = _Range(
        format=_FORMAT,
        chain=first.tenant_id,
        first=first.seq,
        last=last.seq,
        previous=first.previous.hex(),
        hash=last.hash.hex(),
    )
    lines = b"\n".join(map(msgspec.json.encode, [head, *map(_told, events)]))
    packed = gzip.compress(lines, mtime=0)
    return keyring.seal(packed, Label(first.tenant_id, _PURPOSE, name))


def opened_file(content: bytes, chain: UUID, name: str, keyring: Keyring) -> list[ChainedEvent]:
    """Return what `sealed_file` sealed. SealBroken for anything else: what opens is what we wrote."""
    lines = gzip.decompress(keyring.open(content, Label(chain, _PURPOSE, name))).split(b"\n")
    head = msgspec.json.decode(lines[0], type=_Range)
    events = [_event(msgspec.json.decode(line)) for line in lines[1:]]
    if head.format != _FORMAT or len(events) != head.last - head.first + 1:
        raise SealBroken("sealed_altered", sealed=name)
    return events


def _told(event: ChainedEvent) -> dict[str, object]:
    values = {name: getattr(event, name) for name in _NAMES}
    return values | {"previous": event.previous.hex(), "hash": event.hash.hex()}


def _event(values: dict[str, object]) -> ChainedEvent:
    made = {
        "tenant_id": UUID(str(values["tenant_id"])),
        "at": datetime.fromisoformat(str(values["at"])),
        "previous": bytes.fromhex(str(values["previous"])),
        "hash": bytes.fromhex(str(values["hash"])),
    }
    return ChainedEvent(**{**values, **made})  # type: ignore[arg-type]
