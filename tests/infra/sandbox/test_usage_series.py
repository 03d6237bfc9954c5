"""Usage reports without people: a line a day, and a line a period."""

import csv
from datetime import date, timedelta

import httpx
import pytest

from tests.infra.sandbox.conftest import Sandbox, trust

pytestmark = pytest.mark.stack

SERIES = "getOffice365ActiveUserCounts"
SERVICES = "getOffice365ServicesUserCounts"
OF_DAYS = (
    SERIES,
    "getEmailActivityCounts",
    "getTeamsUserActivityCounts",
    "getOneDriveActivityFileCounts",
    "getSharePointActivityFileCounts",
    "getMailboxUsageStorage",
    "getMailboxUsageQuotaStatusMailboxCounts",
    "getOneDriveUsageStorage",
    "getSharePointSiteUsageStorage",
)


def _rows(sandbox: Sandbox, report: str, period: str) -> list[dict[str, str]]:
    answer = sandbox.get(f"/reports/{report}(period='{period}')")
    assert answer.status_code == 302, answer.text
    with httpx.Client(verify=trust(sandbox.ca_file)) as bare:
        text = bare.get(answer.headers["location"]).content.decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


@pytest.mark.parametrize("report", OF_DAYS)
def test_a_day_reads_the_same_in_every_file(sandbox: Sandbox, report: str) -> None:
    long, short = _rows(sandbox, report, "D180"), _rows(sandbox, report, "D7")
    each = len(short) // 7  # lines a day
    assert len(short) == 7 * each
    assert len(long) == 179 * each  # one day is told of in no file
    by_day = {(row["Report Date"], row.get("Site Type")): row for row in long}
    for row in short:
        same = by_day[row["Report Date"], row.get("Site Type")]
        assert {**row, "Report Period": ""} == {**same, "Report Period": ""}
    days = {date.fromisoformat(day) for day, _ in by_day}
    whole = {max(days) - timedelta(days=age) for age in range(180)}
    assert len(whole - days) == 1
    assert max(days) == date.fromisoformat(long[0]["Report Refresh Date"])


def test_weekends_dip_and_nobody_is_counted_twice(sandbox: Sandbox) -> None:
    rows = _rows(sandbox, SERIES, "D30")
    services = ("Exchange", "OneDrive", "SharePoint", "Teams")
    for row in rows:
        assert max(int(row[name]) for name in services) <= int(row["Office 365"])
    week: list[int] = []
    weekend: list[int] = []
    for row in rows:
        free = date.fromisoformat(row["Report Date"]).weekday() >= 5
        (weekend if free else week).append(int(row["Exchange"]))
    assert max(weekend) < min(week) / 2


def test_posts_and_replies_are_in_the_messages_of_teams(sandbox: Sandbox) -> None:
    for row in _rows(sandbox, "getTeamsUserActivityCounts", "D7"):
        posts, replies = int(row["Post Messages"]), int(row["Reply Messages"])
        assert int(row["Team Chat Messages"]) == posts + replies > 0


def test_storage_grows_and_is_that_of_all_sites_and_mailboxes(sandbox: Sandbox) -> None:
    by_type: dict[str, list[int]] = {}
    for row in _rows(sandbox, "getSharePointSiteUsageStorage", "D30"):
        by_type.setdefault(row["Site Type"], []).append(int(row["Storage Used (Byte)"]))
    every = by_type.pop("All")
    assert [sum(parts) for parts in zip(*by_type.values(), strict=True)] == every
    assert every == sorted(every, reverse=True), "newest first"
    states = _rows(sandbox, "getMailboxUsageQuotaStatusMailboxCounts", "D7")[0]
    boxes = _rows(sandbox, "getMailboxUsageDetail", "D7")
    own = ("Under Limit", "Warning Issued", "Send Prohibited", "Send/Receive Prohibited")
    assert sum(int(states[name]) for name in own) == len(boxes)


def test_longer_periods_reach_more_people(sandbox: Sandbox) -> None:
    active, licensed = [], set()
    for period in ("D7", "D30", "D180"):
        (row,) = _rows(sandbox, SERVICES, period)
        assert row["Report Period"] == period.removeprefix("D")
        active.append(int(row["Exchange Active"]))
        licensed.add(int(row["Exchange Active"]) + int(row["Exchange Inactive"]))
    assert active == sorted(active)
    assert len(licensed) == 1


def test_columns_may_come_turned_round_with_a_new_one(sandbox: Sandbox) -> None:
    plain = _rows(sandbox, SERIES, "D7")
    sandbox.admin.faults({"kind": "strange_headers", "path": "reportsdownload"})
    strange = _rows(sandbox, SERIES, "D7")
    assert list(strange[0]) == [*reversed(plain[0]), "New Column"]
    assert [{name: row[name] for name in plain[0]} for row in strange] == plain


def test_unknown_reports_and_periods_are_refused(sandbox: Sandbox) -> None:
    assert sandbox.error("/reports/getNothingAtAll(period='D7')")[0] == 400
    assert sandbox.error(f"/reports/{SERIES}(period='D8')")[0] == 400
    assert sandbox.error(f"/reports/{SERIES}(period='D7')?$top=1")[0] == 400
