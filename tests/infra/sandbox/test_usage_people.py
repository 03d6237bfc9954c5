"""Usage reports of people, sites and teams: who is in them, and what their figures have to do with each other."""

import csv
from datetime import datetime, timedelta

import httpx
import pytest

from tests.infra.sandbox.conftest import Sandbox, trust

pytestmark = pytest.mark.stack


def rows(sandbox: Sandbox, asked: str) -> list[dict[str, str]]:
    answer = sandbox.get(f"/reports/{asked}")
    assert answer.status_code == 302, answer.text
    with httpx.Client(verify=trust(sandbox.ca_file)) as bare:
        text = bare.get(answer.headers["location"]).content.decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def newest(sandbox: Sandbox) -> str:
    now = datetime.fromisoformat(sandbox.admin.stats()["now"])
    return str(now.date() - timedelta(days=2))


@pytest.mark.parametrize("report", ["getEmailActivityUserDetail", "getTeamsUserActivityUserDetail"])
def test_a_day_has_those_who_did_anything_on_it(sandbox: Sandbox, report: str) -> None:
    now = datetime.fromisoformat(sandbox.admin.stats()["now"])
    sizes = {}
    for age in range(2, 9):
        day = (now - timedelta(days=age)).date()
        found = rows(sandbox, f"{report}(date={day})")
        assert {row["Last Activity Date"] for row in found} == {str(day)}
        sizes[day] = len(found)
    free = [size for day, size in sizes.items() if day.weekday() >= 5]
    assert max(free) < min(size for day, size in sizes.items() if day.weekday() < 5)
    assert rows(sandbox, f"{report}(date={now.date()})") == [], "not published yet"
    for days in (31, -1):
        outside = (now - timedelta(days=days)).date()
        assert sandbox.error(f"/reports/{report}(date={outside})")[0] == 400
    assert sandbox.error(f"/reports/{report}(date=yesterday)")[0] == 400


@pytest.mark.parametrize(
    "report", ["getOneDriveActivityUserDetail", "getSharePointActivityUserDetail"]
)
def test_who_was_not_there_in_the_period_did_nothing(sandbox: Sandbox, report: str) -> None:
    found = rows(sandbox, f"{report}(period='D30')")
    since = datetime.fromisoformat(newest(sandbox)).date() - timedelta(days=30)
    done = [name for name in found[0] if name.endswith(" File Count")]
    seen = set()
    for row in found:
        last = row["Last Activity Date"]
        recent = last > str(since)
        seen.add("recent" if recent else "before" if last else "never")
        assert (sum(int(row[name]) for name in done) > 0) == recent
    assert seen == {"recent", "before", "never"}


def test_an_app_was_used_on_some_platform_and_a_platform_for_some_app(sandbox: Sandbox) -> None:
    used = 0
    for row in rows(sandbox, "getM365AppUserDetail(period='D30')"):
        cells = {name for name, cell in row.items() if "(" in name and cell == "Yes"}
        for app in ("Outlook", "Word", "Excel", "PowerPoint", "OneNote", "Teams"):
            assert (row[app] == "Yes") == any(cell.startswith(f"{app} (") for cell in cells)
        for platform in ("Windows", "Mac", "Mobile", "Web"):
            assert (row[platform] == "Yes") == any(f"({platform})" in cell for cell in cells)
        used += bool(cells)
    assert used


def test_activations_are_of_no_period_and_several_a_person(sandbox: Sandbox) -> None:
    found = rows(sandbox, "getOffice365ActivationsUserDetail")
    holders = {row["User Principal Name"] for row in found}
    apps = {
        row["User Principal Name"] for row in rows(sandbox, "getM365AppUserDetail(period='D7')")
    }
    assert holders < apps, "some never activated anything"
    assert len(holders) < len(found)
    assert sandbox.error("/reports/getOffice365ActivationsUserDetail(period='D7')")[0] == 400
    assert sandbox.error("/reports/getMailboxUsageDetail")[0] == 400


def test_sites_and_teams_are_those_of_groups(sandbox: Sandbox) -> None:
    groups = {row["id"]: row for row in sandbox.read("/groups?$top=999")[0]}
    teams = rows(sandbox, "getTeamsTeamActivityDetail(period='D30')")
    made = {key for key, row in groups.items() if row["resourceProvisioningOptions"] == ["Team"]}
    assert {row["Team Id"] for row in teams} == made
    for row in teams:
        assert row["Team Name"] == groups[row["Team Id"]]["displayName"]
        posts = int(row["Post Messages"]) + int(row["Reply Messages"])
        assert int(row["Channel Messages"]) == posts
    sites = rows(sandbox, "getSharePointSiteUsageDetail(period='D30')")
    assert {"Group", "Communication Site"} == {row["Root Web Template"] for row in sites}
    assert "" in {row["Site URL"] for row in sites}
    assert len({row["Site Id"] for row in sites}) == len(sites)
    storage = rows(sandbox, "getSharePointSiteUsageStorage(period='D7')")
    [all_of_it] = [
        int(row["Storage Used (Byte)"])
        for row in storage
        if (row["Report Date"], row["Site Type"]) == (newest(sandbox), "All")
    ]
    told = sum(int(row["Storage Used (Byte)"]) for row in sites)
    assert all_of_it == pytest.approx(told, rel=0.01)


def test_names_of_teams_and_owners_are_concealed_too(sandbox: Sandbox) -> None:
    before = rows(sandbox, "getTeamsTeamActivityDetail(period='D7')")
    sandbox.admin.tenant(concealNames=True)
    try:
        after = rows(sandbox, "getTeamsTeamActivityDetail(period='D7')")
        sites = rows(sandbox, "getSharePointSiteUsageDetail(period='D7')")
    finally:
        sandbox.admin.tenant(concealNames=False)
    assert not {row["Team Name"] for row in before} & {row["Team Name"] for row in after}
    assert {row["Site URL"] for row in sites} == {""}
    owners = {row["Owner Principal Name"] for row in sites} - {""}
    assert owners
    assert all(len(owner) == 32 for owner in owners)
