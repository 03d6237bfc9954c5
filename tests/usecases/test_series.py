"""Usage reports that tell of many days, a line each."""

from datetime import timedelta

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core.collector import Period
from tests.fixtures.collecting import Bench
from tests.fixtures.stored import collected, data_version, stored

pytestmark = pytest.mark.stack


@pytest.mark.parametrize(
    ("dataset", "lines"),
    [("active_user_counts", 1), ("email_activity_counts", 1), ("sharepoint_storage", 3)],
)
def test_a_series_begins_with_half_a_year_and_goes_on_with_a_week(
    bench: Bench, sandbox_admin: SandboxAdmin, dataset: str, lines: int
) -> None:
    first = collected(bench, dataset)
    assert 170 * lines < first.counts.inserted <= 180 * lines
    assert first.rows == first.counts.inserted
    version = data_version(bench, dataset)
    sandbox_admin.advance(timedelta(days=1).total_seconds())
    row = collected(bench, dataset)
    assert row.counts.read == 7 * lines
    assert (row.counts.inserted, row.counts.updated, row.counts.closed) == (lines, 0, 0)
    assert row.rows == first.rows + lines, "all days count"
    assert data_version(bench, dataset) > version
    days = stored(bench, dataset, "report_date, id, valid_to IS NULL")
    assert all(own.partition("/")[0] == str(day) and current for day, own, current in days)


def test_names_that_a_tenant_conceals_are_none_in_a_series(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.tenant(concealNames=True)
    try:
        collected(bench, "active_user_counts")
        collected(bench, "mailbox_usage", "partial", "names_concealed")
    finally:
        sandbox_admin.tenant(concealNames=False)


@pytest.mark.parametrize(
    ("since", "days"),
    [(None, "D180"), (0, "D7"), (3, "D7"), (5, "D30"), (40, "D90"), (900, "D180")],
)
def test_a_series_asks_for_as_many_days_as_it_lacks(since: int | None, days: str) -> None:
    extent = Period("D7", first="D180")
    assert extent.asked(None if since is None else timedelta(days=since)) == days
    assert Period("D30").asked(None) == "D30"


def test_files_of_several_periods_are_one_day(bench: Bench) -> None:
    first = collected(bench, "service_user_counts")
    assert (first.counts.read, first.counts.inserted, first.rows) == (3, 3, 3)
    rows = stored(
        bench, "service_user_counts", "report_period, id, exchange_active, exchange_inactive"
    )
    assert [(period, own) for period, own, _, _ in rows] == [(7, "7"), (30, "30"), (180, "180")]
    assert len({active + inactive for _, _, active, inactive in rows}) == 1, "all who are licensed"
    assert rows[0][2] <= rows[1][2] <= rows[2][2]
    assert collected(bench, "service_user_counts").counts.unchanged == 3


@pytest.mark.parametrize("file", [0, 1, 2])
def test_one_file_that_is_empty_closes_nothing_of_the_others(
    bench: Bench, sandbox_admin: SandboxAdmin, file: int
) -> None:
    collected(bench, "service_user_counts")
    header = "Report Refresh Date,Report Period\r\n"
    sandbox_admin.faults(
        {"kind": "body", "path": "reportsdownload", "value": header, "after": file, "count": 1}
    )
    collected(bench, "service_user_counts", "partial", "report_empty")
    sandbox_admin.clear_faults()
    assert len(stored(bench, "service_user_counts", "id", "valid_to IS NULL")) == 3
