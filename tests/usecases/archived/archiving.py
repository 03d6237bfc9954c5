"""Old audit events in rows and in sealed files, told and read for tests of their moving."""

from datetime import UTC, datetime
from uuid import UUID

from shared.core.audit import AuditEvent, ChainedEvent
from shared.core.audit_file import chain_prefix, file_name, opened_file, sealed_file
from shared.core.sealing import Keyring, named_keys
from shared.store.audit.events import append
from shared.usecases.doors import WorkDoors
from shared.usecases.verify_audit import Outside, Verification, verify_audit
from tests.fixtures.sealing import SEALING_KEYS

TENANT = UUID("11111111-1111-1111-1111-111111111111")
JANUARY = datetime(2024, 1, 30, 12, tzinfo=UTC)
RING = Keyring(named_keys(SEALING_KEYS))


def tell(doors: WorkDoors, *moments: datetime, tenant_id: UUID = TENANT) -> None:
    for number, at in enumerate(moments):
        append(
            doors.engine,
            AuditEvent(
                tenant_id=tenant_id,
                at=at,
                act="note.write",
                result="done",
                caller="key:1",
                authority="key operator",
                address="203.0.113.7",
                target=f"note\n{number}",
                after='{"text":"é🙂"}',
            ),
        )


def files(doors: WorkDoors, tenant_id: UUID = TENANT) -> list[str]:
    return doors.archive().names(chain_prefix(tenant_id))


def archived(doors: WorkDoors, tenant_id: UUID = TENANT) -> list[ChainedEvent]:
    """What the files hold, in order."""
    found: list[ChainedEvent] = []
    for name in files(doors, tenant_id):
        found += opened_file(doors.archive().get(name) or b"", tenant_id, name, RING)
    return found


def verified(doors: WorkDoors) -> Verification:
    outside = Outside(doors.audit_heads(), doors.archive(), bytes(32), RING)
    return verify_audit(doors.engine, outside, TENANT, JANUARY)


def faults(doors: WorkDoors) -> list[tuple[str, int, int]]:
    return [(one.fault, one.first, one.last) for one in verified(doors).findings]


def put_as_if_killed(doors: WorkDoors, events: list[ChainedEvent]) -> str:
    """Write the file and no more, as a worker that is killed thereafter."""
    name = file_name(TENANT, events[0].at, events[0].seq)
    assert doors.archive().put(name, sealed_file(events, name, RING))
    return name
