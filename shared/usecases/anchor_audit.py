"""Keeps the heads of all audit chains outside the database, every quarter of an hour.

The last one of each goes to Azure Tables, all of them together as a signed anchor to the archive,
where an immutability policy holds it. What was told since the last anchor can be cut off by whoever
owns the database; what was told before, not without its being seen. An anchor can be forged only by
who owns both: its signature's secret lies in the database, and the archive does not.
"""

import asyncio
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from shared.core import clock
from shared.core.audit_proof import Head
from shared.core.errors import SealBroken, StorageUnavailable
from shared.core.logs import log
from shared.core.work import At, Cadence, Ended, Work
from shared.store.audit.chains import AuditChains
from shared.store.registers.secrets import Secrets
from shared.store.work.run_records import Run
from shared.usecases.doors import WorkDoors

_FOLDER = "anchors"


@dataclass(frozen=True, slots=True)
class Anchor:
    """The heads of all chains at an instant (UTC)."""

    at: datetime
    heads: tuple[Head, ...]


class _Kept(msgspec.Struct):
    """An anchor as it is written: `heads` and `at` as text, signed together."""

    anchor: str
    signature: str


def day_prefix(day: datetime) -> str:
    """Return what the names of the anchors of a day (UTC) begin with."""
    return f"{_FOLDER}/{day.astimezone(UTC):%Y/%m/%d}/"


def month_prefix(day: str) -> str:
    """Return what the names of the anchors of a whole month begin with, of what those of its `day` do."""
    return day.removesuffix("/").rpartition("/")[0] + "/"


def written_anchor(anchor: Anchor, secret: bytes) -> bytes:
    """Return the document of `anchor`, signed with HMAC-SHA256."""
    heads = [[str(head.tenant_id), head.seq, head.hash.hex()] for head in anchor.heads]
    text = msgspec.json.encode({"at": anchor.at, "heads": heads})
    signature = hmac.digest(secret, text, "sha256").hex()
    return msgspec.json.encode(_Kept(text.decode(), signature))


def read_anchor(content: bytes, secret: bytes) -> Anchor | None:
    """Return what `written_anchor` wrote; None for what we have not signed."""
    from uuid import UUID

    try:
        kept = msgspec.json.decode(content, type=_Kept)
    except msgspec.DecodeError:
        return None
    expected = hmac.digest(secret, kept.anchor.encode(), "sha256").hex()
    if not hmac.compare_digest(expected, kept.signature):
        return None
    said = msgspec.json.decode(kept.anchor)
    heads = (Head(UUID(chain), seq, bytes.fromhex(link)) for chain, seq, link in said["heads"])
    return Anchor(datetime.fromisoformat(said["at"]), tuple(heads))


def anchor_audit(doors: WorkDoors, now: datetime) -> int:
    """Keep the head of every chain; return how many of them are not what they were when kept last.

    Such a chain was cut or written anew, and the head that was kept stays. Raises StorageUnavailable.
    """
    heads = AuditChains(doors.engine).heads()
    if not heads:
        return 0
    outside, cut = doors.audit_heads(), 0
    for head in heads:
        before = outside.keep(head)
        if before is not None and (before.seq > head.seq or _differ(before, head)):
            cut += 1
            log("audit_chain_cut", tenant=head.tenant_id, kept=before.seq, found=head.seq)
    secret = Secrets(doors.engine, doors.keyring()).anchor_key
    content = written_anchor(Anchor(now, tuple(heads)), secret)
    doors.archive().put(f"{day_prefix(now)}{now.astimezone(UTC):%H%M%S.%f}.json", content)
    return cut


def _differ(before: Head, head: Head) -> bool:
    return before.seq == head.seq and before.hash != head.hash


async def _run(_: Run, doors: WorkDoors) -> Ended:
    """A part of it that was done twice does no harm: a head only goes forward, an anchor has its time."""
    try:
        cut = await asyncio.to_thread(anchor_audit, doors, clock.now())
    except (StorageUnavailable, SealBroken) as error:
        return Ended(state="failed", cause=error.code, detail=error.message(), retry=True)
    if cut:
        return Ended(state="partial", cause="audit_chain_cut", retry=True)
    return Ended(state="ok")


def _schedule() -> Mapping[str, Cadence]:
    return {"heads": At("*/15 * * * *")}


WORK = Work(run=_run, schedule=_schedule, of_tenant=False)
