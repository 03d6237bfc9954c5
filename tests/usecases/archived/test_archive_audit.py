"""Old audit events move into sealed files: proved first, deleted then, found in both by who verifies."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from copy import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from shared.core import clock
from shared.core.audit import ChainedEvent
from shared.core.audit_file import file_name
from shared.core.errors import SealBroken
from shared.core.sealing import Keyring, named_keys
from shared.core.settings import Settings
from shared.core.work import DEPLOYMENT, Ended, GoesOn
from shared.store.audit.leaving import next_to_leave
from shared.usecases.archive_audit import WORK, archive_audit, archive_month
from shared.usecases.doors import WorkDoors
from shared.usecases.verify_audit import Outside, verify_audit
from tests.fixtures.audited import chain_of
from tests.fixtures.sealing import SEALING_KEYS
from tests.usecases.archived.archiving import (
    JANUARY,
    TENANT,
    archived,
    files,
    put_as_if_killed,
    tell,
    verified,
)

pytestmark = pytest.mark.stack


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
