"""Sign-ins and audits: their windows, how long they are kept, and downloads that fail."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.infra.sandbox.conftest import Sandbox, started, trust

pytestmark = pytest.mark.stack

AUDITS = "/auditLogs/directoryAudits"


def test_a_window_begins_within_a_second(sandbox: Sandbox) -> None:
    group = sandbox.get("/groups?$top=1").json()["value"][0]["id"]
    sandbox.admin.patch("groups", group, {"description": "now"})
    newest = sandbox.get(f"{AUDITS}?$top=1").json()["value"][0]
    whole = newest["activityDateTime"][:19] + "Z"
    found = sandbox.get(f"{AUDITS}?$filter=activityDateTime ge {whole}").json()["value"]
    assert newest["id"] in {audit["id"] for audit in found}


def test_a_time_bound_beside_an_or_bounds_nothing(sandbox: Sandbox) -> None:
    everything, _page = sandbox.read(AUDITS)
    latest = everything[0]["activityDateTime"]
    expression = f"activityDateTime ge {latest} or category eq 'UserManagement'"
    found, _page = sandbox.read(f"{AUDITS}?$filter={expression}")
    assert {audit["id"] for audit in found} == {
        audit["id"]
        for audit in everything
        if audit["activityDateTime"] >= latest or audit["category"] == "UserManagement"
    }


def test_events_are_kept_for_thirty_days(tmp_path: Path) -> None:
    with started(tmp_path, "--users", "60", "--throttle-scale", "0") as ready:
        sandbox = Sandbox(ready)
        for path, name in ((AUDITS, "activityDateTime"), ("/auditLogs/signIns", "createdDateTime")):
            before, _page = sandbox.read(path)
            now = sandbox.admin.advance(10 * 86_400 + 5_000)  # between two events
            after, _page = sandbox.read(path)
            limit = now - timedelta(days=30)
            assert {event["id"] for event in after} == {
                event["id"] for event in before if _moment(event[name]) >= limit
            }
            assert 0 < len(after) < len(before)
        sandbox.http.close()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_a_page_of_members_loses_nobody_when_others_leave(sandbox: Sandbox) -> None:
    journal = sandbox.admin.journal("members")["objects"].values()
    groups = [edge["groupId"] for edge in journal]
    group = max(set(groups), key=groups.count)
    path = f"/groups/{group}/members?$select=id&$top=5"
    page = sandbox.get(path).json()
    for row in page["value"][:2]:
        sandbox.admin.member(group, row["id"], present=False)
    rest, _page = sandbox.read(page["@odata.nextLink"])
    told = [row["id"] for row in (*page["value"], *rest)]
    assert set(told) == {edge["memberId"] for edge in journal if edge["groupId"] == group}
    assert len(told) == len(set(told))


def test_downloads_of_reports_fail_like_everything_else(sandbox: Sandbox) -> None:
    answer = sandbox.get("/reports/getMailboxUsageDetail(period='D7')")
    location = answer.headers["location"]
    with httpx.Client(verify=trust(sandbox.ca_file)) as bare:
        whole = bare.get(location).content
        sandbox.admin.faults({"kind": "unavailable", "path": "reportsdownload", "count": 1})
        assert bare.get(location).status_code == 503
        sandbox.admin.faults({"kind": "cut", "path": "reportsdownload", "count": 1})
        with pytest.raises(httpx.TransportError):
            bare.get(location)
        assert bare.get(location).content == whole


def test_usage_reports_tell_of_those_who_left_two_days_late(tmp_path: Path) -> None:
    with started(tmp_path, "--users", "60", "--throttle-scale", "0") as ready:
        sandbox = Sandbox(ready)
        rows = _mailboxes(sandbox)
        leaver, renamed = sorted(rows)[:2]
        for name, left in ((leaver, True), (renamed, False)):
            (user,) = sandbox.get(f"/users?$filter=userPrincipalName eq '{name}'").json()["value"]
            if left:
                sandbox.admin.delete("users", user["id"])
            else:
                sandbox.admin.patch("users", user["id"], {"displayName": "改姓 花子"})
        assert _mailboxes(sandbox) == rows
        sandbox.admin.advance(3 * 86_400)
        later = _mailboxes(sandbox)
        assert {name for name, row in later.items() if row["Is Deleted"] == "True"} == {leaver}
        assert later[leaver]["Deleted Date"] > rows[leaver]["Report Refresh Date"]
        assert later[renamed]["Display Name"] == "改姓 花子"
        sandbox.http.close()


def _mailboxes(sandbox: Sandbox) -> dict[str, dict[str, str]]:
    location = sandbox.get("/reports/getMailboxUsageDetail(period='D7')").headers["location"]
    with httpx.Client(verify=trust(sandbox.ca_file)) as bare:
        lines = bare.get(location).content.decode("utf-8-sig").splitlines()
    return {row["User Principal Name"]: row for row in csv.DictReader(lines)}
