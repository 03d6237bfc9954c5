"""Events: appended once, in the partition of their month, seen when they had been collected."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from shared.store.schema.partitions import PartitionKeeper, months_ahead
from shared.store.work.run_records import Counts
from tests.store.catalogue import VISITS_REPORT
from tests.store.tenant_data import T0, TenantData, minute, page

pytestmark = pytest.mark.stack


def visit(key: str, at: datetime, person: str = "a") -> dict[str, object]:
    return {"id": key, "happenedAt": at, "personId": person}


def partition_of(owner_url: str, key: str) -> str:
    with psycopg.connect(owner_url) as owner:
        query = "SELECT tableoid::regclass::text FROM data.visits WHERE id = %s"
        row = owner.execute(query, [key]).fetchone()
        return str(row[0]) if row else ""


def test_a_replayed_window_adds_what_is_new_only(tenant: TenantData) -> None:
    first = [visit("1", T0), visit("2", T0)]
    assert tenant.load("visits", page("visits", first)).counts == Counts(read=2, inserted=2)
    second = [*first, visit("3", minute(1)), visit("3", minute(1))]
    counts = tenant.load("visits", page("visits", second), minute(2)).counts
    assert counts == Counts(read=4, inserted=1, unchanged=3)
    (status,) = tenant.runs.status(tenant.tenant_id, minute(3))
    assert status.rows == 3


def test_two_tenants_may_have_events_of_one_id(tenant: TenantData) -> None:
    other = TenantData(tenant.engine, "Fabrikam")
    for each in (tenant, other):
        counts = each.load("visits", page("visits", [visit("1", T0)])).counts
        assert counts.inserted == 1


def test_each_month_has_a_partition_and_the_absurd_land_in_the_default(
    tenant: TenantData, owner_url: str
) -> None:
    now = datetime.now(UTC)
    times = {
        "old": datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC),
        "new": datetime(2026, 1, 1, tzinfo=UTC),
        "ancient": datetime(1601, 1, 1, tzinfo=UTC),
        "future": now + timedelta(days=4000),
    }
    rows = [visit(key, at) for key, at in times.items()]
    assert tenant.load("visits", page("visits", rows)).counts.inserted == 4
    assert partition_of(owner_url, "old") == "data_parts.visits_2025_12"
    assert partition_of(owner_url, "new") == "data_parts.visits_2026_01"
    assert partition_of(owner_url, "ancient") == "data_parts.visits_default"
    assert partition_of(owner_url, "future") == "data_parts.visits_default"


def test_no_partition_samples_what_the_table_does_not(tenant: TenantData, owner_url: str) -> None:
    times = [T0, datetime(2026, 2, 1, tzinfo=UTC)]
    tenant.load("visits", page("visits", [visit(str(at), at) for at in times]))
    query = """
        SELECT p.inhrelid::regclass::text, a.attname FROM pg_inherits p
        JOIN pg_attribute a ON a.attrelid = p.inhrelid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN pg_attribute w ON w.attrelid = p.inhparent AND w.attname = a.attname
        WHERE p.inhparent = 'data.visits'::regclass
            AND coalesce(a.attstattarget, -1) <> coalesce(w.attstattarget, -1)
    """
    with psycopg.connect(owner_url) as owner:
        assert owner.execute(query).fetchall() == []
        of_json = "SELECT attstattarget FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'raw'"
        for name in ("data.visits", "data_parts.visits_2026_02", "data_parts.visits_default"):
            assert owner.execute(of_json, [name]).fetchone() == (0,), name


def test_a_month_whose_rows_are_in_the_default_partition_stays_there(
    tenant: TenantData, owner_url: str
) -> None:
    at = datetime(2024, 5, 5, tzinfo=UTC)
    with psycopg.connect(owner_url) as owner:
        owner.execute(
            "INSERT INTO data.visits (tenant_id, id, collected_at, content_hash, happened_at, raw)"
            " VALUES (%s, 'x', now(), '', %s, '{}')",
            [tenant.tenant_id, at],
        )
    assert tenant.load("visits", page("visits", [visit("y", at)])).counts.inserted == 1
    assert partition_of(owner_url, "y") == "data_parts.visits_default"


def test_partitions_are_made_ahead_by_the_application_role(
    tenant: TenantData, owner_url: str
) -> None:
    keeper = PartitionKeeper(tenant.engine)
    wanted = [datetime(2026, 2, day, tzinfo=UTC) for day in (1, 28)]
    keeper.ensure("visits", wanted)
    keeper.ensure("visits", wanted)
    with psycopg.connect(owner_url) as owner:
        query = "SELECT to_regclass('data_parts.visits_2026_02') IS NOT NULL"
        assert owner.execute(query).fetchone() == (True,)
    days = months_ahead(datetime(2026, 11, 30, tzinfo=UTC))
    assert [str(day) for day in days] == ["2026-11-01", "2026-12-01", "2027-01-01"]


def test_the_past_knows_neither_later_events_nor_those_collected_later(tenant: TenantData) -> None:
    tenant.load("people", page("people", [{"id": "a", "name": "Ann"}]), minute(0))
    tenant.load(
        "visits", page("visits", [visit("1", minute(1)), visit("2", minute(30))]), minute(5)
    )
    tenant.load("visits", page("visits", [visit("3", minute(2))]), minute(10))

    def known(at: float | None) -> list[tuple[object, ...]]:
        as_of = None if at is None else minute(at)
        return tenant.ask(VISITS_REPORT, "id", "name", as_of=as_of).rows

    assert known(4) == []
    assert known(5) == [("1", "Ann")]
    assert known(10) == [("1", "Ann"), ("3", "Ann")]
    assert known(None) == [("1", "Ann"), ("2", "Ann"), ("3", "Ann")]


def told(tenant: TenantData, at: float | None = None) -> list[tuple[object, ...]]:
    as_of = None if at is None else minute(at)
    return tenant.ask(VISITS_REPORT, "id", "happened_at", "person_id", as_of=as_of).rows


def test_an_event_that_comes_again_with_other_content_replaces_what_was_told(
    tenant: TenantData,
) -> None:
    tenant.load("visits", page("visits", [visit("1", T0, "a"), visit("2", T0, "a")]), minute(5))
    counts = tenant.load("visits", page("visits", [visit("1", T0, "b")]), minute(10)).counts
    assert counts == Counts(read=1, updated=1)
    assert told(tenant) == [("1", T0, "b"), ("2", T0, "a")]
    assert told(tenant, 9) == [("1", T0, "a"), ("2", T0, "a")], "what was known then stays"
    assert told(tenant, 10) == [("1", T0, "b"), ("2", T0, "a")]
    (status,) = tenant.runs.status(tenant.tenant_id, minute(11))
    assert status.rows == 2
    again = tenant.load("visits", page("visits", [visit("1", T0, "b")]), minute(15)).counts
    assert again == Counts(read=1, unchanged=1)


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_one_event_twice_in_a_page_the_later_one_stays(
    tenant: TenantData, newest_first: bool
) -> None:
    both = [visit("1", minute(2), "success"), visit("1", T0, "interrupted")]
    rows = page("visits", both if newest_first else both[::-1])
    assert tenant.load("visits", rows).counts == Counts(read=2, inserted=1, unchanged=1)
    assert told(tenant) == [("1", minute(2), "success")]


def test_of_one_event_twice_at_one_time_the_more_complete_one_stays(tenant: TenantData) -> None:
    bare = {"id": "1", "happenedAt": T0}
    rows = page("visits", [visit("1", T0, "whole"), bare, visit("2", T0, "a"), visit("2", T0, "b")])
    assert tenant.load("visits", rows).counts == Counts(read=4, inserted=2, unchanged=2)
    assert told(tenant) == [("1", T0, "whole"), ("2", T0, "b")]


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_one_event_on_two_pages_the_later_one_stays(
    tenant: TenantData, newest_first: bool
) -> None:
    later = datetime(2026, 4, 1, 0, 1, tzinfo=UTC)  # in the next partition
    both = [visit("1", later, "success"), visit("1", later - timedelta(hours=1), "interrupted")]
    for each in both if newest_first else both[::-1]:
        tenant.load("visits", page("visits", [each]))
    assert told(tenant) == [("1", later, "success")]
    (status,) = tenant.runs.status(tenant.tenant_id, minute(1))
    assert status.rows == 1
    for each in both:
        counts = tenant.load("visits", page("visits", [each])).counts
        assert counts == Counts(read=1, unchanged=1), "both are listed for ever, nothing changes"


def test_an_event_that_differs_in_order_and_nulls_only_is_the_same(tenant: TenantData) -> None:
    tenant.load("visits", page("visits", [visit("1", T0, "a")]), minute(1))
    same = {"personId": "a", "unknown": None, "happenedAt": T0, "id": "1"}
    counts = tenant.load("visits", page("visits", [same]), minute(2)).counts
    assert counts == Counts(read=1, unchanged=1)


def test_a_replaced_event_and_a_clock_that_went_back_leave_no_gap(tenant: TenantData) -> None:
    tenant.load("visits", page("visits", [visit("1", T0, "a")]), minute(5))
    tenant.load("visits", page("visits", [visit("1", T0, "b")]), minute(3))
    assert told(tenant, 5) == [("1", T0, "a")]
    assert told(tenant, 6) == told(tenant) == [("1", T0, "b")]
