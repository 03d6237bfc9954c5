"""A first load asks for no version before it, as long as there is none: then it does, like any other."""

from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text

from shared.store.datasets.batches import settle
from shared.store.datasets.checkpoints import held_run
from shared.store.session.sessions import tenant_session
from shared.store.work.run_records import Counts, Run
from tests.store.tenant_data import TenantData, minute, page

ANN, BOB = {"id": "a", "name": "Ann"}, {"id": "b", "name": "Bob"}
TICK = timedelta(microseconds=1)

_LOOKING_BACK = """
    SELECT coalesce(sum(calls), 0)::int FROM pg_stat_statements s
    JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = current_database()
    AND query ~ 'INSERT INTO data\\."people"' AND query ~ 'max\\('
"""


def spans(tenant: TenantData, dataset: str, key: str) -> list[tuple[object, ...]]:
    query = text(
        f"SELECT valid_from, valid_to FROM data.{dataset} WHERE id = :id ORDER BY valid_from"
    )
    with tenant_session(tenant.engine, tenant.tenant_id) as connection:
        return [tuple(row) for row in connection.execute(query, {"id": key})]


def apply(tenant: TenantData, run: Run, at: float, *removed: str) -> None:
    """Store a page with Ann, or with removals only."""
    rows = page("people", [] if removed else [ANN], removed=removed)
    tenant.loader("people").apply(run, rows, observed_at=minute(at), checkpoint={"at": at})


@pytest.mark.stack
def test_only_what_follows_an_end_looks_back(tenant: TenantData, owner_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

        def looked_back() -> int:
            ((calls,),) = owner.execute(_LOOKING_BACK).fetchall()
            return int(calls)

        run = tenant.open("people")
        apply(tenant, run, 1)
        apply(tenant, run, 2)
        assert looked_back() == 0
        apply(tenant, run, 3, "a")
        apply(tenant, run, 4)
        assert looked_back() == 1
        tenant.runs.finish(run, "ok", now=minute(5))
        tenant.load("people", page("people", [BOB]), minute(6))
        assert looked_back() == 2


@pytest.mark.stack
def test_what_the_first_run_has_ended_it_takes_up_later(tenant: TenantData) -> None:
    run = tenant.open("people")
    apply(tenant, run, 10)
    apply(tenant, run, 5, "a")
    apply(tenant, run, 4)
    ended = minute(10) + TICK
    assert spans(tenant, "people", "a") == [(minute(10), ended), (ended, None)]


@pytest.mark.stack
def test_a_run_that_was_abandoned_has_been_one(tenant: TenantData) -> None:
    first = tenant.open("people")
    apply(tenant, first, 10)
    apply(tenant, first, 5, "a")
    apply(tenant, tenant.open("people", minute(10**8)), 4)
    ended = minute(10) + TICK
    assert spans(tenant, "people", "a") == [(minute(10), ended), (ended, None)]


@pytest.mark.stack
def test_only_a_first_load_lets_many_trigrams_wait(tenant: TenantData) -> None:
    def limit(run: Run) -> object:
        with held_run(tenant.engine, run) as held:
            return held.execute("SHOW gin_pending_list_limit").fetchone()

    run = tenant.open("people")
    apply(tenant, run, 1)
    assert limit(run) == ("16MB",)
    tenant.runs.finish(run, "ok", now=minute(2))
    assert limit(tenant.open("people", minute(3))) == ("4MB",)


@pytest.mark.stack
def test_what_a_first_load_brings_twice_is_stored_once(tenant: TenantData) -> None:
    """A page takes its objects for new ones. One that came before, as a page that was sent again or in
    another, undoes the page, and it is stored with a look at each."""
    run, loader = tenant.open("people"), tenant.loader("people")

    def store(at: float, *people: dict[str, str]) -> Counts:
        rows = page("people", list(people))
        loader.prepare(run, rows)
        return loader.apply(run, rows, observed_at=minute(at), checkpoint={}, track_seen=True)

    assert store(1, ANN, BOB) == Counts(read=2, inserted=2)
    assert store(2, {"id": "c", "name": "Cem"}) == Counts(read=1, inserted=1)
    renamed = {"id": "b", "name": "Bobby"}
    again = store(3, ANN, renamed, {"id": "d", "name": "Dee"})
    assert again == Counts(read=3, inserted=1, updated=1, unchanged=1)
    assert store(4, {"id": "d", "name": "Dee"}) == Counts(read=1, unchanged=1)
    assert run.counts == Counts(read=7, inserted=4, updated=1, unchanged=2)
    assert spans(tenant, "people", "a") == [(minute(1), None)]
    assert spans(tenant, "people", "b") == [(minute(1), minute(3)), (minute(3), None)]
    assert loader.close_unseen(run, observed_at=minute(5)) == 0


@pytest.mark.stack
def test_a_page_prepared_ahead_loses_what_the_server_cannot_hold(tenant: TenantData) -> None:
    run, loader = tenant.open("people"), tenant.loader("people")
    apply(tenant, run, 1)
    rows = page("people", [ANN, {"id": "c", "name": "Cem"}, BOB])
    rows.raws[rows.ids.index("c")] = b'{"id": '
    loader.prepare(run, rows)
    counts = loader.apply(run, rows, observed_at=minute(2), checkpoint={})
    assert counts == Counts(read=3, inserted=1, unchanged=1, rejected=1)


def test_rows_are_written_in_the_order_of_their_keys() -> None:
    ids = ["c", "a", "\U0001f600", "\uffee", "b", "a"]
    assert settle(page("people", [{"id": own} for own in ids])).ids == [
        *"abc",
        "\uffee",
        "\U0001f600",
    ]
    assert settle(page("people", [{"id": own} for own in ids[:3]])).ids == ["a", "c", "\U0001f600"]
