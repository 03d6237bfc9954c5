"""Audit events are chained by the database, only ever added, and stored with what they tell of."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import Engine, text

from infra.local.postgres import Postgres
from shared.core.audit import NOTHING_BEFORE, AuditEvent, digest
from shared.core.work import DEPLOYMENT
from shared.store.audit.events import append, append_if_written
from shared.store.audit.log import AuditLog
from shared.store.registers.purge import purge_steps
from shared.store.registers.tenant_settings import TenantSettings
from shared.store.registers.tenants import Tenants
from shared.store.session.sessions import closing_with, tenant_session
from tests.fixtures.audited import chain_of
from tests.store.conftest import PASSWORD, ROLE
from tests.store.tenant_data import TenantData

pytestmark = pytest.mark.stack

AT = datetime(2026, 3, 1, 12, 0, 0, 7, UTC)


def event(tenant_id: UUID, **values: object) -> AuditEvent:
    given = {"act": "note.write", "result": "done", "caller": "key:1", "authority": "key operator"}
    return AuditEvent(**{"tenant_id": tenant_id, "at": AT, **given, **values})  # type: ignore[arg-type]


def test_the_database_makes_the_digest_that_whoever_verifies_makes(engine: Engine) -> None:
    tenant_id = uuid4()
    strange = ("", "-", "1:a,2:b", 'quote " \\', "é\u202e🙂", "\n\x1f\x7f", "1", "null", None)
    for value in strange:
        told = {"address": value, "target": value, "request_id": value, "before": value}
        append(engine, event(tenant_id, **told, after=value, times=3))
    chain = chain_of(engine, tenant_id)
    assert [one.seq for one in chain] == list(range(1, len(strange) + 1))
    previous = NOTHING_BEFORE
    for one in chain:
        assert one.previous == previous
        assert one.hash == digest(one, one.seq, previous)
        previous = one.hash


def test_each_tenant_has_a_chain_of_its_own_and_nobody_says_its_numbers(
    engine: Engine, postgres_server: Postgres, database: str
) -> None:
    one, other = uuid4(), uuid4()
    for tenant_id in (one, other, DEPLOYMENT, one):
        append(engine, event(tenant_id))
    with psycopg.connect(postgres_server.url(database, ROLE, PASSWORD)) as app:
        app.execute("SELECT set_config('kanri.scope', 'operator', false)")
        app.execute(
            "INSERT INTO kanri.audit_events VALUES"
            " (%s, 99, now(), 'a', 'done', 'c', 'k', NULL, NULL, NULL, 1, NULL, NULL, '', '')",
            [one],
        )
    assert [found.seq for found in chain_of(engine, one)] == [1, 2, 3]
    assert [found.seq for found in chain_of(engine, other)] == [1]
    assert [found.seq for found in chain_of(engine, DEPLOYMENT)] == [1]


def test_events_that_come_at_once_stand_one_after_another_without_a_gap(engine: Engine) -> None:
    tenant_id = uuid4()
    with ThreadPoolExecutor(4) as callers:
        list(callers.map(lambda n: append(engine, event(tenant_id, target=str(n))), range(60)))
    chain = chain_of(engine, tenant_id)
    assert [one.seq for one in chain] == list(range(1, 61))
    links = [NOTHING_BEFORE, *(one.hash for one in chain)]
    assert [one.previous for one in chain] == links[:-1]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE kanri.audit_events SET caller = 'somebody'",
        "DELETE FROM kanri.audit_events",
        "TRUNCATE kanri.audit_events",
    ],
)
@pytest.mark.parametrize("role", [ROLE, None])
def test_nobody_changes_or_removes_an_event(
    change: str, role: str | None, engine: Engine, postgres_server: Postgres, database: str
) -> None:
    append(engine, event(uuid4()))
    url = postgres_server.url(database, role, PASSWORD) if role else postgres_server.url(database)
    with psycopg.connect(url) as session:
        session.execute("SELECT set_config('kanri.scope', 'operator', false)")
        with pytest.raises(errors.InsufficientPrivilege, match=r"denied|only ever added"):
            session.execute(change.encode())


def test_an_event_is_stored_with_the_first_transaction_that_writes(tenant: TenantData) -> None:
    stored: list[bool] = []
    about = event(tenant.tenant_id)
    with closing_with(lambda connection: stored.append(append_if_written(connection, about))):
        with tenant_session(tenant.engine, tenant.tenant_id) as connection:
            connection.execute(text("SELECT 1"))
        assert stored == [False]
        TenantSettings(tenant.engine).change(tenant.tenant_id, {"staleDays": 30})
    assert stored == [False, True]
    assert len(chain_of(tenant.engine, tenant.tenant_id)) == 1


def test_whatever_a_transaction_is_bound_to_its_event_finds_its_chain(tenant: TenantData) -> None:
    about = event(DEPLOYMENT)
    with closing_with(lambda connection: assert_stored(append_if_written(connection, about))):
        TenantSettings(tenant.engine).change(tenant.tenant_id, {"staleDays": 30})
    assert len(chain_of(tenant.engine, DEPLOYMENT)) == 1


def assert_stored(stored: bool) -> None:
    assert stored


def test_what_cannot_be_told_does_not_happen(tenant: TenantData, owner_url: str) -> None:
    with psycopg.connect(owner_url) as owner:
        owner.execute(f"REVOKE INSERT ON kanri.audit_events FROM {ROLE}".encode())
    about = event(tenant.tenant_id)
    with (
        pytest.raises(errors.InsufficientPrivilege),
        closing_with(lambda connection: assert_stored(append_if_written(connection, about))),
    ):
        TenantSettings(tenant.engine).change(tenant.tenant_id, {"staleDays": 30})
    assert TenantSettings(tenant.engine).of(tenant.tenant_id).thresholds == {}


def test_who_did_what_to_a_tenant_outlives_its_data(tenant: TenantData) -> None:
    append(tenant.engine, event(tenant.tenant_id))
    Tenants(tenant.engine).set_state(tenant.tenant_id, "removed")
    list(purge_steps(tenant.engine, tenant.tenant_id))
    append(tenant.engine, event(tenant.tenant_id))
    assert [one.seq for one in chain_of(tenant.engine, tenant.tenant_id)] == [1, 2]


def test_what_goes_beyond_is_one_number_in_nobodys_chain(engine: Engine) -> None:
    log, tenants = AuditLog(engine, timedelta(minutes=5)), [uuid4() for _ in range(40)]
    for tenant_id in tenants:
        for _ in range(2):
            log.tell_refusal(event(tenant_id, result="permission_missing"))
    log.tell_refusal(event(tenants[0], result="permission_missing", at=AT + timedelta(minutes=1)))
    assert [one.times for one in chain_of(engine, tenants[0])] == [1, 1, 1]
    assert [one.times for one in chain_of(engine, tenants[1])] == [1, 1]
    assert chain_of(engine, tenants[39]) == []
    [others] = chain_of(engine, DEPLOYMENT)
    assert (others.act, others.times) == ("others", 20)
