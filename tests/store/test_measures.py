"""Measures: the newest report date answers; a corrected report keeps what was known before."""

from datetime import date

import pytest

from shared.store.work.run_records import Counts
from tests.store.catalogue import USAGE_REPORT
from tests.store.tenant_data import TenantData, minute, page

pytestmark = pytest.mark.stack

MONDAY, TUESDAY = date(2026, 2, 2), date(2026, 2, 3)


def load(tenant: TenantData, at: float, day: date, **used: int) -> Counts:
    rows = [{"id": key, "used": value} for key, value in used.items()]
    return tenant.load("usage", page("usage", rows, day=day), minute(at)).counts


def known(tenant: TenantData, at: float | None = None) -> list[tuple[object, ...]]:
    as_of = None if at is None else minute(at)
    return tenant.ask(USAGE_REPORT, "id", "used", "report_date", as_of=as_of).rows


def test_the_newest_report_answers_and_past_instants_keep_theirs(tenant: TenantData) -> None:
    assert load(tenant, 0, MONDAY, a=1, b=2) == Counts(read=2, inserted=2)
    assert load(tenant, 10, TUESDAY, a=3) == Counts(read=1, inserted=1)
    assert known(tenant, -1) == []
    assert known(tenant, 9) == [("a", 1, MONDAY), ("b", 2, MONDAY)]
    assert known(tenant, 10) == known(tenant) == [("a", 3, TUESDAY)]


def test_a_corrected_report_replaces_and_remembers(tenant: TenantData) -> None:
    load(tenant, 0, MONDAY, a=1, b=2)
    assert load(tenant, 10, MONDAY, a=1, b=5) == Counts(read=2, updated=1, unchanged=1)
    assert known(tenant, 5) == [("a", 1, MONDAY), ("b", 2, MONDAY)]
    assert known(tenant) == [("a", 1, MONDAY), ("b", 5, MONDAY)]


def test_an_older_report_that_comes_late_does_not_answer(tenant: TenantData) -> None:
    load(tenant, 0, TUESDAY, a=3)
    load(tenant, 1, MONDAY, a=1, b=2)
    assert known(tenant) == [("a", 3, TUESDAY)]
    (coverage,) = tenant.standing("usage").coverage
    assert (coverage.rows, coverage.report_date) == (1, "2026-02-03")


def test_one_report_in_several_pages_counts_its_rows_once(tenant: TenantData) -> None:
    run = tenant.open("usage")
    loader = tenant.loader("usage")
    for keys in ("ab", "cd", "ab"):
        rows = page("usage", [{"id": key, "used": 1} for key in keys], day=MONDAY)
        loader.apply(run, rows, observed_at=minute(0), checkpoint=None)
    tenant.runs.finish(run, "ok", now=minute(0))
    (coverage,) = tenant.standing("usage").coverage
    assert (coverage.rows, coverage.report_date) == (4, "2026-02-02")


def test_one_page_may_hold_two_dates(tenant: TenantData) -> None:
    rows = page("usage", [{"id": "a", "used": 1}, {"id": "a", "used": 2}], day=MONDAY)
    rows.dates[1] = TUESDAY
    assert tenant.load("usage", rows).counts == Counts(read=2, inserted=2)
    changed = page("usage", [{"id": "a", "used": 7}, {"id": "a", "used": 8}], day=MONDAY)
    changed.dates[1] = TUESDAY
    assert tenant.load("usage", changed, minute(1)).counts == Counts(read=2, updated=2)
    assert known(tenant) == [("a", 8, TUESDAY)]
