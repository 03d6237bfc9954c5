"""A question has a number of seconds, whatever it is made of; the refusal names the way out."""

import psycopg
import pytest

from shared.core.errors import StoreUnavailable
from shared.core.query import CsvStyle, Order, ReportQuery
from shared.render.csv import csv_file
from shared.store.answers.reports import Reports
from tests.store.catalogue import COLLECTORS, PEOPLE_REPORT
from tests.store.tenant_data import TenantData, page

pytestmark = pytest.mark.stack

# Each row that is looked at takes 20 ms: reading the tenant's 50 takes a second, and so does counting.
_SLOW = "CREATE POLICY slow ON data.people AS RESTRICTIVE USING (pg_sleep(0.02) IS NOT NULL)"


@pytest.fixture
def slow(tenant: TenantData, owner_url: str) -> TenantData:
    tenant.load("people", page("people", [{"id": f"{n:02}"} for n in range(50)]))
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(_SLOW)
    return tenant


def question(*, count: bool) -> ReportQuery:
    return ReportQuery(as_of=None, columns=("id",), order=(Order("id"),), count=count)


def ask(tenant: TenantData, seconds: float, *, count: bool) -> int | None:
    reports = Reports(tenant.engine, COLLECTORS.__getitem__, page_seconds=seconds)
    with reports.snapshot(tenant.tenant_id) as snapshot:
        found = snapshot.page(PEOPLE_REPORT, question(count=count))
        assert len(found.rows) == 50
        return found.total


def test_a_slow_question_is_given_up_and_told_what_to_do(slow: TenantData) -> None:
    with pytest.raises(StoreUnavailable, match="question_slow") as caught:
        ask(slow, 0.3, count=False)
    assert "0.3 s" in caught.value.message()
    assert "startswith" in caught.value.message("ja")
    assert ask(slow, 300, count=True) == 50  # the session is as good as before


def test_a_page_and_its_count_have_their_seconds_together(slow: TenantData) -> None:
    """Either takes a second, so that none alone is over the limit of one and a half."""
    with pytest.raises(StoreUnavailable, match="question_slow"):
        ask(slow, 1.5, count=True)


def test_an_export_has_more_time_than_a_page(slow: TenantData) -> None:
    reports = Reports(slow.engine, COLLECTORS.__getitem__, page_seconds=0.5)
    style = CsvStyle(headers=("id",), labels={})
    with reports.snapshot(slow.tenant_id) as snapshot:
        lines = snapshot.csv_lines(PEOPLE_REPORT, question(count=False), style)
        file = b"".join(csv_file(style, PEOPLE_REPORT.columns[:1], lines))
    assert file.count(b"\r\n") == 51


def test_rows_that_take_too_long_are_given_up_and_the_way_out_is_named(slow: TenantData) -> None:
    reports = Reports(slow.engine, COLLECTORS.__getitem__, export_seconds=0.3)
    with (
        pytest.raises(StoreUnavailable, match="export_slow") as caught,
        reports.snapshot(slow.tenant_id) as snapshot,
    ):
        list(snapshot.rows(PEOPLE_REPORT, question(count=False)))
    assert "0.3 s" in caught.value.message()
    assert ask(slow, 300, count=True) == 50  # the session is as good as before
