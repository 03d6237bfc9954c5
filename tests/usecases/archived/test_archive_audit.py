"""Old audit events move into sealed files: proved first, deleted then, found in both by who verifies."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Never
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import Engine

from infra.local.postgres import Postgres
from shared.control.audit_heads import AuditHeads
from shared.core import clock
from shared.core.audit import AuditEvent, ChainedEvent, digest
from shared.core.audit_file import chain_prefix, file_name, opened_file, sealed_file
from shared.core.errors import Conflict, SealBroken
from shared.core.sealing import Keyring, named_keys
from shared.core.settings import Settings, StoragePlace
from shared.core.work import DEPLOYMENT, Ended, GoesOn
from shared.identity.storage import open_blobs, open_tables
from shared.store.audit.events import append
from shared.store.audit.leaving import next_to_leave
from shared.store.registers.tenants import Tenants
from shared.usecases.anchor_audit import anchor_audit
from shared.usecases.archive_audit import WORK, archive_audit, archive_month
from shared.usecases.doors import WorkDoors
from shared.usecases.verify_audit import Outside, Verification, verify_audit
from shared.vault.archive import Archive
from tests.fixtures.audited import chain_of
from tests.fixtures.sealing import SEALING_KEYS

pytestmark = pytest.mark.stack

TENANT = UUID("11111111-1111-1111-1111-111111111111")
JANUARY = datetime(2024, 1, 30, 12, tzinfo=UTC)
RING = Keyring(named_keys(SEALING_KEYS))


def no_graph(_: UUID) -> Never:
    raise AssertionError("moving events asks Graph nothing")


@pytest.fixture
def doors(app_engine: Engine, app_settings: Settings, azurite: str) -> WorkDoors:
    """Doors with storage of the test's own."""
    place, own = StoragePlace(azurite), f"own{uuid4().hex}"
    archive = Archive(open_blobs(place, app_settings), own)
    heads = AuditHeads(open_tables(place, app_settings), own)
    Tenants(app_engine).add(TENANT, "Contoso")
    return WorkDoors(
        engine=app_engine,
        graph=no_graph,
        slice_seconds=60,
        audit_heads=lambda: heads,
        archive=lambda: archive,
        keyring=lambda: RING,
    )


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


@pytest.fixture
def chain(doors: WorkDoors) -> list[ChainedEvent]:
    """Ten events of January and February 2024, and two of now."""
    old = [JANUARY + timedelta(days=n, microseconds=7) for n in range(10)]
    tell(doors, *old, clock.now(), clock.now())
    return chain_of(doors.engine, TENANT)


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


def test_old_events_are_in_files_a_month_and_the_others_where_they_were(
    doors: WorkDoors, chain: list[ChainedEvent]
) -> None:
    assert archive_audit(doors, clock.now()) == (True, None)
    assert files(doors) == [
        f"events/{TENANT}/2024-01/000000000001.jsonl.gz.sealed",
        f"events/{TENANT}/2024-02/000000000003.jsonl.gz.sealed",
    ]
    assert archived(doors) == chain[:10]
    assert chain_of(doors.engine, TENANT) == chain[10:]
    found = verified(doors)
    assert (found.intact, found.events, found.archived) == (True, 12, 10)
    content = doors.archive().get(files(doors)[0]) or b""
    assert b"note" not in content
    assert b"203.0.113.7" not in content
    assert archive_audit(doors, clock.now()) == (True, None)
    assert len(files(doors)) == 2, "nothing is left to do"


def test_what_is_younger_than_it_is_kept_stays(doors: WorkDoors) -> None:
    now = clock.now()
    tell(doors, now - timedelta(days=360), now)
    archive_audit(doors, now)
    assert files(doors) == []
    archive_audit(replace(doors, audit_hot_days=300), now)
    assert len(archived(doors)) == 1


def test_the_deployments_own_chain_moves_too(doors: WorkDoors) -> None:
    tell(doors, JANUARY, clock.now(), tenant_id=DEPLOYMENT)
    archive_audit(doors, clock.now())
    assert [event.seq for event in archived(doors, DEPLOYMENT)] == [1]


def test_a_long_month_is_several_files(doors: WorkDoors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.usecases.archive_audit.MOST_EVENTS", 4)
    tell(doors, *[JANUARY] * 10, clock.now())
    told = chain_of(doors.engine, TENANT)
    archive_audit(doors, clock.now())
    assert [name[-28:-16] for name in files(doors)] == [f"{n:012}" for n in (1, 5, 9)]
    assert archived(doors) == told[:10]
    assert verified(doors).intact


def put_as_if_killed(doors: WorkDoors, events: list[ChainedEvent]) -> str:
    """Write the file and no more, as a worker that is killed thereafter."""
    name = file_name(TENANT, events[0].at, events[0].seq)
    assert doors.archive().put(name, sealed_file(events, name, RING))
    return name


@pytest.mark.parametrize("written", [1, 2])
def test_killed_with_the_file_written_the_next_night_goes_on_from_it(
    doors: WorkDoors, chain: list[ChainedEvent], written: int
) -> None:
    """Also if the file holds less than would leave now, as after a change of how much a file takes."""
    put_as_if_killed(doors, chain[:written])
    found = verified(doors)
    assert (found.intact, found.events) == (True, 12), "in both places is not twice"
    assert archive_audit(doors, clock.now()) == (True, None)
    assert archived(doors) == chain[:10]
    assert chain_of(doors.engine, TENANT) == chain[10:]
    assert verified(doors).intact


def test_killed_while_deleting_nothing_is_deleted(
    doors: WorkDoors, chain: list[ChainedEvent], app_settings: Settings
) -> None:
    name = put_as_if_killed(doors, chain[:2])
    with psycopg.connect(app_settings.database_url) as session:
        session.execute("SELECT set_config('kanri.scope', 'operator', false)")
        session.execute(
            "SELECT kanri.release_audit_events(%s, 1, 2, %s, %s, %s)",
            [TENANT, chain[1].hash, name, bytes(32)],
        )
        session.rollback()
    assert chain_of(doors.engine, TENANT) == chain
    assert archive_audit(doors, clock.now()) == (True, None)
    assert archived(doors) == chain[:10]


def test_two_workers_at_once_move_each_event_once(
    doors: WorkDoors, chain: list[ChainedEvent]
) -> None:
    with ThreadPoolExecutor(3) as workers:
        list(workers.map(lambda _: archive_audit(doors, clock.now()), range(3)))
    archive_audit(doors, clock.now())
    assert archived(doors) == chain[:10]
    assert chain_of(doors.engine, TENANT) == chain[10:]
    assert verified(doors).intact


def test_a_file_that_cannot_be_read_keeps_the_events_where_they_are(
    doors: WorkDoors, chain: list[ChainedEvent]
) -> None:
    name = file_name(TENANT, JANUARY, 1)
    doors.archive().put(name, b"somebody was here before")
    with pytest.raises(SealBroken):
        archive_month(doors, TENANT, clock.now())
    assert chain_of(doors.engine, TENANT) == chain
    found = verified(doors)
    assert (found.events, found.findings) == (12, ())
    done, trouble = archive_audit(doors, clock.now())
    assert (done, getattr(trouble, "code", None)) == (True, "sealed_altered")


def test_a_chain_in_trouble_holds_up_no_other(doors: WorkDoors, chain: list[ChainedEvent]) -> None:
    tell(doors, JANUARY, clock.now(), tenant_id=DEPLOYMENT)
    doors.archive().put(file_name(DEPLOYMENT, JANUARY, 1), b"junk")
    _, trouble = archive_audit(doors, clock.now())
    assert trouble is not None
    assert archived(doors) == chain[:10]


@pytest.fixture
def owner(app_engine: Engine, postgres_server: Postgres) -> Callable[[str], None]:
    """Run a statement as the database's owner, whom no trigger stops."""

    def run(statement: str) -> None:
        with psycopg.connect(postgres_server.url(str(app_engine.url.database))) as session:
            session.execute("SET session_replication_role = replica")
            session.execute(statement.encode())

    return run


def test_altered_events_do_not_leave(
    doors: WorkDoors, chain: list[ChainedEvent], owner: Callable[[str], None]
) -> None:
    owner("UPDATE kanri.audit_events SET caller = 'key:2' WHERE seq = 2")
    with pytest.raises(Conflict) as found:
        archive_month(doors, TENANT, clock.now())
    assert found.value.code == "audit_not_proved"
    assert len(chain_of(doors.engine, TENANT)) == 12


def test_a_file_of_other_events_does_not_let_them_go(
    doors: WorkDoors, chain: list[ChainedEvent]
) -> None:
    other = [replace(event, caller="key:2") for event in chain[:2]]
    put_as_if_killed(doors, other)
    with pytest.raises(Conflict):
        archive_month(doors, TENANT, clock.now())
    assert chain_of(doors.engine, TENANT) == chain


def test_a_file_of_a_chain_written_anew_does_not_let_them_go(
    doors: WorkDoors, chain: list[ChainedEvent]
) -> None:
    """Its digests fit one another: only the rows tell that it is not what was told."""
    anew, previous = [], chain[0].previous
    for event in chain[:2]:
        other = replace(event, caller="key:2", previous=previous)
        previous = digest(other, other.seq, previous)
        anew.append(replace(other, hash=previous))
    put_as_if_killed(doors, anew)
    with pytest.raises(Conflict):
        archive_month(doors, TENANT, clock.now())
    assert chain_of(doors.engine, TENANT) == chain


def test_what_was_done_across_the_border_is_named(
    doors: WorkDoors, chain: list[ChainedEvent], owner: Callable[[str], None]
) -> None:
    archive_audit(doors, clock.now())
    anchor_audit(doors, clock.now())
    assert faults(doors) == []
    owner("DELETE FROM kanri.audit_events WHERE seq = 11")
    assert faults(doors) == [("removed", 11, 11)]
    owner("DELETE FROM kanri.audit_events WHERE seq = 12")
    assert faults(doors) == [("cut", 11, 12)]


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE kanri.audit_events SET caller = 'key:2' WHERE seq = 11", ("altered", 11, 11)),
        (
            "UPDATE kanri.audit_events SET previous = hash WHERE seq = 11",
            ("altered", 11, 11),
        ),
    ],
)
def test_an_event_after_the_border_that_was_altered_is_named(
    doors: WorkDoors,
    chain: list[ChainedEvent],
    owner: Callable[[str], None],
    statement: str,
    fault: tuple[str, int, int],
) -> None:
    archive_audit(doors, clock.now())
    owner(statement)
    assert faults(doors) == [fault]


def with_file(doors: WorkDoors, place: int, content: bytes | None) -> WorkDoors:
    """The doors to a storage account whose owner replaced a file by `content`, or took it away."""
    account, own = doors.archive()._blobs, f"own{uuid4().hex}"
    copy = Archive(account, own)
    for number, name in enumerate(files(doors)):
        kept = doors.archive().get(name) or b""
        if number == place and content is None:
            continue
        copy.put(name, content if number == place and content is not None else kept)
    return replace(doors, archive=lambda: copy)


def test_a_file_that_is_gone_cut_or_replaced_is_named(
    doors: WorkDoors, chain: list[ChainedEvent]
) -> None:
    archive_audit(doors, clock.now())
    first, second = files(doors)
    whole, other = doors.archive().get(first) or b"", doors.archive().get(second) or b""
    assert faults(with_file(doors, 0, None)) == [("removed", 1, 2)]
    assert faults(with_file(doors, 1, None)) == [("removed", 3, 10)]
    for content in (whole[:-1], whole + b"\0", other, b""):
        found = verified(with_file(doors, 0, content))
        assert found.unreadable == (first,)
        assert not found.intact
        assert [(one.fault, one.first, one.last) for one in found.findings] == [("removed", 1, 2)]


def test_keys_may_be_rotated_over_the_years(doors: WorkDoors, chain: list[ChainedEvent]) -> None:
    archive_month(doors, TENANT, clock.now())
    rotated = Keyring(named_keys(f"next:{uuid4().hex}{uuid4().hex} {SEALING_KEYS}"))
    later = replace(doors, keyring=lambda: rotated)
    assert archive_audit(later, clock.now()) == (True, None)
    outside = Outside(doors.audit_heads(), doors.archive(), bytes(32), rotated)
    assert verify_audit(doors.engine, outside, TENANT, JANUARY).intact


def ended(doors: WorkDoors) -> object:
    nobody: Any = None  # What it does hangs on no run.

    async def run() -> object:
        return await WORK.run(nobody, doors)

    return asyncio.run(run())


def test_the_work_says_how_it_ended(doors: WorkDoors, chain: list[ChainedEvent]) -> None:
    away = replace(doors, archive=WorkDoors.archive)
    found = ended(away)
    assert isinstance(found, Ended)
    assert (found.state, found.cause) == ("failed", "storage_missing")
    assert isinstance(ended(replace(doors, slice_seconds=0)), GoesOn)
    assert ended(doors) == Ended(state="ok")
    assert archived(doors) == chain[:10]
    assert next_to_leave(doors.engine, TENANT, clock.now(), 9) is None
    tell(doors, JANUARY, clock.now(), tenant_id=DEPLOYMENT)
    keyless = ended(replace(doors, keyring=lambda: Keyring({})))
    assert isinstance(keyless, Ended)
    assert (keyless.state, keyless.cause) == ("partial", "sealing_key_missing")
