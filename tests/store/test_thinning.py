"""Thinning and dropping history: what goes is counted beforehand, and what stays is as it was."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from shared.core.audit import AuditEvent
from shared.core.retention import History, Retention, last_turn
from shared.store.datasets.kept_history import histories_of
from shared.store.datasets.retaining import Retaining
from shared.store.datasets.thinning import BATCH, Going
from shared.store.registers.legal_holds import LegalHolds
from shared.store.registers.tenant_retention import TenantRetention
from shared.store.session.sessions import cursor, tenant_session
from tests.store.catalogue import COLLECTORS
from tests.store.tenant_data import TenantData, page

pytestmark = pytest.mark.stack

DAY = timedelta(days=1)
TODAY = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = ("people", "usage", "visits")
POLICIES = {
    "people": Retention(keep_days=60, thin_days=30, thin_to="day"),
    "visits": Retention(keep_days=40),
    "usage": Retention(keep_days=50),
}


def ago(days: float) -> datetime:
    return TODAY - days * DAY


def fill(tenant: TenantData) -> None:
    """Ninety days in which people change at random, with visits, and usage of each third day."""
    dice, people = Random(7), []
    for person in range(4):
        moments = [ago(90)]
        while moments[-1] < ago(0):
            moments.append(moments[-1] + timedelta(hours=dice.randrange(1, 40)))
        people += [
            (f"p{person}", began, ended, dice.randrange(100))
            for began, ended in zip(moments, [*moments[1:-1], None], strict=False)
        ]
    visits = [(f"v{days}", ago(days), ago(0.5)) for days in range(80, 0, -2)]
    usage = [
        (person, ago(days).date(), ago(days - 2))
        for days in range(90, 0, -3)
        for person in ("p1", "p2")
    ]
    for dataset in NAMES:  # what the ledger knows of them
        tenant.load(dataset, page(dataset, []), ago({"visits": 0.5}.get(dataset, 90)))
    with tenant_session(tenant.engine, tenant.tenant_id) as connection, cursor(connection) as sql:
        own, nothing = tenant.tenant_id, b"x"
        sql.executemany(
            "INSERT INTO data.people (tenant_id, content_hash, raw, id, valid_from, valid_to, age)"
            " VALUES (%s, %s, '{}', %s, %s, %s, %s)",
            [(own, nothing, *row) for row in people],
        )
        sql.executemany(
            "INSERT INTO data.visits (tenant_id, content_hash, raw, id, happened_at, collected_at)"
            " VALUES (%s, %s, '{}', %s, %s, %s)",
            [(own, nothing, *row) for row in visits],
        )
        sql.executemany(
            "INSERT INTO data.usage (tenant_id, content_hash, raw, id, report_date, valid_from)"
            " VALUES (%s, %s, '{}', %s, %s, %s)",
            [(own, nothing, *row) for row in usage],
        )
    TenantRetention(tenant.engine).replace(tenant.tenant_id, POLICIES, lambda _: None)


def retaining(tenant: TenantData) -> Retaining:
    return Retaining(tenant.engine, tenant.tenant_id, COLLECTORS.__getitem__, NAMES)


def run(tenant: TenantData, today: datetime = TODAY, batch: int = BATCH) -> Mapping[str, Going]:
    """One run; what it tells."""
    run_id, own = uuid4(), retaining(tenant)
    for thinning in own.begin(run_id, today).values():
        after: str | None = ""
        while after is not None:
            _, after = thinning.step(tenant.engine, after, batch)
    return own.tell(
        run_id, lambda went, _: event(tenant.tenant_id, sum(g.rows for g in went.values()))
    )


def event(tenant_id: UUID, rows: int) -> AuditEvent:
    return AuditEvent(
        tenant_id=tenant_id,
        at=TODAY,
        act="retention.apply",
        result="done",
        caller="work",
        authority="work",
        after=str(rows),
    )


def people_at(tenant: TenantData, moment: datetime) -> list[tuple[object, ...]]:
    query = text("""
        SELECT id, age, valid_from, valid_to FROM data.people
        WHERE valid_from <= :at AND valid_until > :at ORDER BY id""")
    with tenant_session(tenant.engine, tenant.tenant_id) as connection:
        return [tuple(row) for row in connection.execute(query, {"at": moment})]


def rows_of(tenant: TenantData, dataset: str) -> int:
    with tenant_session(tenant.engine, tenant.tenant_id) as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM data.{dataset}")).scalar_one())


def histories(tenant: TenantData) -> dict[str, History]:
    with tenant_session(tenant.engine, tenant.tenant_id) as connection:
        return histories_of(connection, tenant.tenant_id)


@pytest.mark.parametrize("batch", [BATCH, 7])
def test_what_was_counted_beforehand_is_what_goes_and_the_second_run_finds_nothing(
    tenant: TenantData, batch: int
) -> None:
    fill(tenant)
    before = {name: rows_of(tenant, name) for name in NAMES}
    told = {one.dataset: (one.versions, one.rows) for one in retaining(tenant).preview(TODAY)}
    assert before == {name: rows_of(tenant, name) for name in NAMES}
    went = run(tenant, batch=batch)
    assert {name: (one.thinned, one.dropped) for name, one in went.items()} == told
    assert all(one.rows for one in went.values())
    assert went["people"].thinned
    assert went["people"].dropped
    for name in NAMES:
        assert before[name] - rows_of(tenant, name) == went[name].rows
    assert run(tenant) == {}
    again = retaining(tenant).preview(TODAY)
    assert [(one.versions, one.rows, one.bytes) for one in again] == [(0, 0, 0)] * 3


def test_at_the_turns_the_past_stays_as_it_was_and_nothing_lasts_longer(tenant: TenantData) -> None:
    fill(tenant)
    moments = [ago(hours / 24) for hours in range(0, 70 * 24, 12)]
    before = {at: people_at(tenant, at) for at in moments}
    run(tenant)
    left = histories(tenant)["people"]
    assert left.since is not None
    lost = 0
    for at in moments:
        if at < left.since:
            continue
        kept = left.kept_at(at)
        assert kept == (last_turn(at, "day") if at < ago(30) else at)
        assert people_at(tenant, kept) == before[kept]
        lost += people_at(tenant, at) != before[at]
    assert lost


def test_the_preview_says_the_oldest_instant_that_can_be_asked_then(tenant: TenantData) -> None:
    fill(tenant)
    told = {one.dataset: one.oldest for one in retaining(tenant).preview(TODAY)}
    run(tenant)
    since = {name: one.since for name, one in histories(tenant).items()}
    assert told == since | {"visits": ago(0.5)}
    assert since["people"] == ago(60)
    assert since["visits"] == ago(40)
    # The oldest day that is kept, the 48th before, was known two days later.
    assert since["usage"] == ago(46)


def test_the_newest_day_of_a_measure_and_what_is_current_stay_however_old(
    tenant: TenantData,
) -> None:
    fill(tenant)
    went = run(tenant, TODAY + 400 * DAY)
    assert set(went) == set(NAMES)
    assert rows_of(tenant, "people") == 4
    assert rows_of(tenant, "usage") == 2
    assert rows_of(tenant, "visits") == 0


def test_under_a_hold_nothing_goes_and_the_preview_says_so(tenant: TenantData) -> None:
    fill(tenant)
    before = {name: rows_of(tenant, name) for name in NAMES}
    holds = LegalHolds(tenant.engine, tenant.tenant_id)
    some = holds.place(["people", "visits"], "case", "key:1", TODAY)
    own = retaining(tenant)
    assert [one.held for one in own.preview(TODAY)] == [True, False, True]
    plan = own.begin(uuid4(), TODAY)
    assert list(plan) == ["usage"]
    # Placed while a run is at it: its next step takes nothing.
    every = holds.place(None, "case", "key:1", TODAY)
    assert plan["usage"].step(tenant.engine, "") == (Going(), None)
    assert run(tenant) == {}
    assert before == {name: rows_of(tenant, name) for name in NAMES}
    for hold in (some, every):
        holds.lift(hold.hold_id, "key:2", TODAY)
    assert set(run(tenant)) == set(NAMES)


def test_what_a_run_took_is_told_once_though_it_was_broken_off(tenant: TenantData) -> None:
    fill(tenant)
    run_id, own = uuid4(), retaining(tenant)
    first = own.begin(run_id, TODAY)["people"].step(tenant.engine, "", 5)
    assert first[1] is not None
    total: dict[str, Going] = {}
    for _ in range(2):
        for thinning in own.begin(run_id, TODAY).values():
            after: str | None = ""
            while after is not None:
                _, after = thinning.step(tenant.engine, after)
        told = own.tell(run_id, lambda went, _: event(tenant.tenant_id, len(went)))
        total = {**total, **told}
    assert total["people"].rows > 5
    with tenant_session(tenant.engine, tenant.tenant_id) as connection:
        connection.execute(text("SELECT set_config('kanri.scope', 'operator', true)"))
        events = connection.execute(text("SELECT after FROM kanri.audit_events")).scalars().all()
    assert events == ["3"]


def test_another_tenants_history_is_left_alone(tenant: TenantData) -> None:
    other = TenantData(tenant.engine, "Fabrikam")
    for each in (tenant, other):
        fill(each)
    before = {name: rows_of(other, name) for name in NAMES}
    run(tenant)
    assert before == {name: rows_of(other, name) for name in NAMES}
    assert histories(other) == {}


def test_a_day_is_a_day_of_utc(tenant: TenantData) -> None:
    tenant.load(
        "people", page("people", [{"id": "p1", "age": 1}]), datetime(2026, 1, 1, 23, tzinfo=UTC)
    )
    tenant.load(
        "people", page("people", [{"id": "p1", "age": 2}]), datetime(2026, 1, 2, 1, tzinfo=UTC)
    )
    tenant.load(
        "people", page("people", [{"id": "p1", "age": 3}]), datetime(2026, 1, 2, 2, tzinfo=UTC)
    )
    policy = {"people": Retention(thin_days=30, thin_to="day")}
    TenantRetention(tenant.engine).replace(tenant.tenant_id, policy, lambda _: None)
    run(tenant)
    assert [row[1] for row in people_at(tenant, datetime(2026, 1, 2, tzinfo=UTC))] == [1]
    assert rows_of(tenant, "people") == 2
