"""Audit events leave the database as the oldest whole range that a file is noted for, and in no other way."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import Engine

from infra.local.postgres import Postgres
from shared.core import clock
from shared.core.audit import NOTHING_BEFORE, AuditEvent, ChainedEvent
from shared.core.audit_proof import Head
from shared.store.audit.events import append
from shared.store.audit.leaving import Leaving, next_to_leave, release
from tests.fixtures.audited import chain_of
from tests.store.conftest import PASSWORD, READER, ROLE

pytestmark = pytest.mark.stack

MAY = datetime(2024, 5, 30, 23, 59, tzinfo=UTC)
FILE, DIGEST = "events/x", bytes(32)
CALL = "SELECT kanri.release_audit_events(%s, %s, %s, %s, %s, %s)"


def told(engine: Engine, tenant_id: UUID, *moments: datetime) -> list[ChainedEvent]:
    """Append an event for each moment; the whole chain."""
    for at in moments:
        append(
            engine,
            AuditEvent(
                tenant_id=tenant_id,
                at=at,
                act="note.write",
                result="done",
                caller="key:1",
                authority="key operator",
            ),
        )
    return chain_of(engine, tenant_id)


@pytest.fixture
def chain(engine: Engine) -> list[ChainedEvent]:
    """Ten old events, two days of May and eight of June, and one of now."""
    days = [MAY + timedelta(days=n) for n in range(10)]
    return told(engine, uuid4(), *days, clock.now())


@contextmanager
def session(postgres: Postgres, database: str, role: str | None) -> Iterator[psycopg.Connection]:
    """A session of the application's role, or of the owner's."""
    url = postgres.url(database, role, PASSWORD) if role else postgres.url(database)
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('kanri.scope', 'operator', false)")
        yield connection


def test_the_oldest_month_leaves_first_and_the_last_event_never(
    engine: Engine, chain: list[ChainedEvent]
) -> None:
    tenant_id, now = chain[0].tenant_id, clock.now()
    found = next_to_leave(engine, tenant_id, now, 100)
    assert found == Leaving(before=Head(tenant_id), last=2, first_at=MAY)
    assert next_to_leave(engine, tenant_id, MAY + timedelta(days=1), 100) is None, "June has begun"
    release(engine, Head(tenant_id, 2, chain[1].hash), 1, FILE, DIGEST)
    following = next_to_leave(engine, tenant_id, now, 100)
    assert following == Leaving(
        before=Head(tenant_id, 2, chain[1].hash), last=10, first_at=chain[2].at
    )
    part = next_to_leave(engine, tenant_id, now, 3)
    assert part is not None
    assert part.last == 5
    release(engine, Head(tenant_id, 10, chain[9].hash), 3, FILE, DIGEST)
    assert next_to_leave(engine, tenant_id, now, 100) is None
    assert [event.seq for event in chain_of(engine, tenant_id)] == [11]
    newest = told(engine, tenant_id, now)[-1]
    assert (newest.seq, newest.previous) == (12, chain[10].hash), "the chain goes on"


def test_a_chain_of_one_event_keeps_it_however_old(engine: Engine) -> None:
    [only] = told(engine, uuid4(), MAY)
    assert next_to_leave(engine, only.tenant_id, clock.now(), 100) is None


def test_what_has_left_may_be_said_to_leave_again(
    engine: Engine, chain: list[ChainedEvent]
) -> None:
    for _ in range(2):
        release(engine, Head(chain[0].tenant_id, 2, chain[1].hash), 1, FILE, DIGEST)
    assert len(chain_of(engine, chain[0].tenant_id)) == 9


def test_no_other_chain_is_touched(engine: Engine, chain: list[ChainedEvent]) -> None:
    other = told(engine, uuid4(), MAY, MAY, clock.now())
    release(engine, Head(chain[0].tenant_id, 2, chain[1].hash), 1, FILE, DIGEST)
    assert chain_of(engine, other[0].tenant_id) == other


@pytest.mark.parametrize("role", [ROLE, None])
@pytest.mark.parametrize(
    ("first", "last", "digest_of", "file", "digest"),
    [
        (1, 11, 11, FILE, DIGEST),  # the last of the chain
        (2, 3, 3, FILE, DIGEST),  # not the oldest
        (0, 2, 2, FILE, DIGEST),
        (1, 2, 3, FILE, DIGEST),  # the digest of another
        (1, 99, 11, FILE, DIGEST),
        (1, None, 1, FILE, DIGEST),
        (None, 2, 2, FILE, DIGEST),
        (1, 2, None, FILE, DIGEST),
        (1, 2, 2, "", DIGEST),
        (1, 2, 2, None, DIGEST),
        (1, 2, 2, FILE, b"short"),
        (1, 2, 2, FILE, None),
    ],
)
def test_what_is_not_the_oldest_whole_range_stays(
    chain: list[ChainedEvent], engine: Engine, postgres_server: Postgres, database: str,
    role: str | None, first: int | None, last: int | None, digest_of: int | None,
    file: str | None, digest: bytes | None,
) -> None:  # fmt: skip
    head = None if digest_of is None else chain[digest_of - 1].hash
    values = [chain[0].tenant_id, first, last, head, file, digest]
    with (
        session(postgres_server, database, role) as connection,
        pytest.raises((errors.InsufficientPrivilege, errors.NotNullViolation)),
    ):
        connection.execute(CALL, values)
    assert chain_of(engine, chain[0].tenant_id) == chain


def test_what_is_young_stays_whatever_the_app_says(
    engine: Engine, postgres_server: Postgres, database: str
) -> None:
    young = clock.now() - timedelta(days=89)
    events = told(engine, uuid4(), MAY, young, clock.now())
    values = [events[0].tenant_id, 1, 2, events[1].hash, FILE, DIGEST]
    with (
        session(postgres_server, database, ROLE) as connection,
        pytest.raises(errors.InsufficientPrivilege, match="may not leave"),
    ):
        connection.execute(CALL, values)
    assert next_to_leave(engine, events[0].tenant_id, clock.now() + timedelta(days=900), 9) == (
        Leaving(before=Head(events[0].tenant_id, 0, NOTHING_BEFORE), last=1, first_at=MAY)
    )


ATTACKS = [
    (
        "INSERT INTO kanri.audit_files SELECT tenant_id, 1, 99, hash, 'x', hash, now()"
        " FROM kanri.audit_events WHERE seq = 1"
    ),
    "UPDATE kanri.audit_files SET last_seq = 99",
    "DELETE FROM kanri.audit_files",
    "TRUNCATE kanri.audit_files",
    "DELETE FROM kanri.audit_events",
    "DELETE FROM kanri.audit_events WHERE seq = 3",
    "SET session_replication_role = replica",
    "ALTER TABLE kanri.audit_events DISABLE TRIGGER USER",
    "CREATE FUNCTION kanri.mine() RETURNS void LANGUAGE sql AS ''",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_application_finds_no_other_way(
    chain: list[ChainedEvent], engine: Engine, postgres_server: Postgres, database: str, attack: str
) -> None:
    release(engine, Head(chain[0].tenant_id, 2, chain[1].hash), 1, FILE, DIGEST)
    with (
        session(postgres_server, database, ROLE) as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        connection.execute(attack.encode())
    assert chain_of(engine, chain[0].tenant_id) == chain[2:]


@pytest.mark.parametrize("attack", ATTACKS[1:6])
def test_the_owner_is_stopped_too_unless_he_takes_the_triggers_away(
    chain: list[ChainedEvent], engine: Engine, postgres_server: Postgres, database: str, attack: str
) -> None:
    release(engine, Head(chain[0].tenant_id, 2, chain[1].hash), 1, FILE, DIGEST)
    with (
        session(postgres_server, database, None) as connection,
        pytest.raises(errors.InsufficientPrivilege, match="only ever added"),
    ):
        connection.execute(attack.encode())


def test_who_reads_reports_cannot_call_it(postgres_server: Postgres, database: str) -> None:
    with session(postgres_server, database, None) as owner:
        for role, may in ((ROLE, True), (READER, False), ("public", False)):
            [(found,)] = owner.execute(
                "SELECT has_function_privilege(%s,"
                " 'kanri.release_audit_events(uuid, bigint, bigint, bytea, text, bytea)', 'EXECUTE')",
                [role],
            ).fetchall()
            assert found is may, role
