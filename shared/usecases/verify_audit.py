"""Verifies the chain of a tenant, or the deployment's: by itself, and by the heads kept outside."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.audit_proof import Finding, Head, prove
from shared.core.sealing import Keyring
from shared.usecases.anchor_audit import Anchor, day_prefix, month_prefix, read_anchor
from shared.usecases.archived_events import WholeChain

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.control.audit_heads import AuditHeads
    from shared.vault.archive import Archive

# The newest anchor of each of so many days is compared.
ANCHOR_DAYS = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was found of a chain. `kept` is the head in Azure Tables, None if none ever was kept.

    `anchors` is how many signed anchors had a head of the chain, `forged` names those whose signature
    is not ours: they count for nothing. `archived` of the `events` came out of sealed files,
    `unreadable` names the files that do not open.
    """

    tenant_id: UUID
    verified_at: datetime
    events: int
    archived: int
    head: Head
    kept: Head | None
    anchors: int
    forged: tuple[str, ...]
    unreadable: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def intact(self) -> bool:
        """Whether nothing speaks against the chain."""
        return not (self.findings or self.forged or self.unreadable)


@dataclass(frozen=True, slots=True)
class Outside:
    """What is kept outside the database, the secret that anchors are signed with, and the keys of files."""

    heads: "AuditHeads"
    archive: "Archive"
    secret: bytes
    keyring: Keyring


def verify_audit(
    engine: "Engine", outside: Outside, tenant_id: UUID, now: datetime
) -> Verification:
    """Go along the whole chain, in files and database, and compare it with what is kept outside.

    Raises StorageUnavailable if what is outside cannot be read: an unread head proves nothing.
    """
    from shared.store.audit.chains import AuditChains

    # Read first: what is told meanwhile can only be later.
    kept = outside.heads.of(tenant_id)
    anchors, forged = _anchors(outside, now)
    anchored = [head for anchor in anchors for head in anchor.heads if head.tenant_id == tenant_id]
    heads = anchored if kept is None else [*anchored, kept]
    whole = WholeChain(outside.archive, outside.keyring, tenant_id)
    proof = prove(whole.events(AuditChains(engine)), Head(tenant_id), heads)
    return Verification(
        tenant_id=tenant_id,
        verified_at=now,
        events=proof.events,
        archived=whole.archived,
        head=proof.head,
        kept=kept,
        anchors=len(anchored),
        forged=tuple(forged),
        unreadable=tuple(whole.unreadable),
        findings=proof.findings,
    )


def _anchors(outside: Outside, now: datetime) -> tuple[list[Anchor], list[str]]:
    """Return the newest anchor of each of the last days, and the names of those that are not ours."""
    days = [day_prefix(now - timedelta(days=back)) for back in range(ANCHOR_DAYS)]
    # Two or three lists of some thousand names each, where a list of each day would be 31.
    months = dict.fromkeys(map(month_prefix, days))
    names = [name for month in months for name in outside.archive.names(month)]
    newest = {name[: len(days[0])]: name for name in sorted(names)}
    ours: list[Anchor] = []
    forged: list[str] = []
    for name in filter(None, map(newest.get, days)):
        content = outside.archive.get(name)
        if content is None:
            continue
        anchor = read_anchor(content, outside.secret)
        if anchor is None:
            forged.append(name)
        else:
            ours.append(anchor)
    return ours, forged
