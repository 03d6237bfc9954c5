"""What reports say of use, beside sums over the files and lists that the sandbox itself gives.

Everything is read again here over plain HTTP and summed up in Python: nothing of it is the product's.
"""

import csv
import os
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import Engine

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxProcess, SandboxReady
from shared.core import registry
from shared.store.registers.tenants import Tenants
from tests.catalog.reports.answers import asked
from tests.fixtures.collecting import Bench
from tests.fixtures.graph import OpenPurse, sandbox_settings
from tests.fixtures.stored import collected
from tests.fixtures.switched import switch
from tests.infra.sandbox.conftest import GRAPH_SCOPE, trust

pytestmark = pytest.mark.stack

SEEDS = int(os.environ.get("SEEDS", "3"))  # see README
SERVICES = {
    "exchange": "Exchange",
    "onedrive": "OneDrive",
    "sharepoint": "SharePoint",
    "teams": "Teams",
}
_FILES = ("Viewed Or Edited", "Synced", "Shared Internally", "Shared Externally")
DONE = {
    "exchange": ("getEmailActivityCounts", ("Send", "Receive", "Read")),
    "onedrive": ("getOneDriveActivityFileCounts", _FILES),
    "sharepoint": ("getSharePointActivityFileCounts", _FILES),
    "teams": (
        "getTeamsUserActivityCounts",
        ("Team Chat Messages", "Private Chat Messages", "Calls", "Meetings"),
    ),
}
# What reports need beside use; others tell of that.
APART = {"service_health", "subscribed_skus", "user_registration_details", "sign_in_activity"}


class Told:
    """What the sandbox tells of one tenant."""

    def __init__(self, ready: SandboxReady, number: int) -> None:
        tenant = ready.tenants[number]
        self._http = httpx.Client(verify=trust(ready.ca_file), timeout=60)
        self._bare = httpx.Client(verify=trust(ready.ca_file), timeout=60)
        self._root = f"{ready.graph_endpoint}/v1.0"
        form = {
            "grant_type": "client_credentials",
            "client_id": tenant.client_id,
            "client_secret": tenant.client_secret,
            "scope": GRAPH_SCOPE,
        }
        where = f"{ready.authority_host}/{tenant.tenant_id}/oauth2/v2.0/token"
        token = self._http.post(where, data=form).json()["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def lines(self, report: str) -> list[dict[str, str]]:
        """The lines of a usage report."""
        answer = self._http.get(f"{self._root}/reports/{report}")
        assert answer.status_code == 302, answer.text
        text = self._bare.get(answer.headers["location"]).content.decode("utf-8-sig")
        return list(csv.DictReader(text.splitlines()))

    def objects(self, path: str) -> list[dict[str, Any]]:
        """All objects of a list."""
        found, link = [], f"{self._root}/{path}"
        while link:
            answer = self._http.get(link)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found += page["value"]
            link = page.get("@odata.nextLink", "")
        return found

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What is answered to something sent."""
        answer = self._http.post(f"{self._root}/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def close(self) -> None:
        self._http.close()
        self._bare.close()

    def done(self, service: str, days: int, *columns: str) -> int:
        """A sum over the lines of the last days."""
        report, usual = DONE[service]
        lines = self.lines(f"{report}(period='D{days}')")
        return sum(int(line[name]) for line in lines for name in columns or usual)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxReady]:
    """Several tenants, of a seed each."""
    process = SandboxProcess(tmp_path_factory.mktemp("sandbox"), users=120, tenants=SEEDS)
    process.start()
    try:
        yield process.wait_ready()
    finally:
        process.stop()


@pytest.fixture(params=range(SEEDS))
def number(request: pytest.FixtureRequest) -> int:
    """Which of the tenants."""
    return int(request.param)


@pytest.fixture
def told(sandbox: SandboxReady, number: int, sandbox_admin: SandboxAdmin) -> Iterator[Told]:
    sandbox_admin.throttle(0)  # requests are not what this is about
    found = Told(sandbox, number)
    yield found
    found.close()


@pytest.fixture
def bench(app_engine: Engine, sandbox: SandboxReady, number: int, purse: OpenPurse) -> Bench:
    """One of the tenants, with everything read that the reports need."""
    bench = Bench(app_engine, sandbox, purse)
    bench.tenant_id = UUID(sandbox.tenants[number].tenant_id)
    bench.settings = sandbox_settings(sandbox, number)
    Tenants(app_engine).add(bench.tenant_id, sandbox.tenants[number].display_name)
    switch(app_engine, bench.tenant_id)
    return bench


def read(bench: Bench, *keys: str) -> None:
    """Collect what reports need."""
    for dataset in {name for key in keys for name in registry.report(key).needs} - APART:
        if not registry.is_imported(dataset):
            collected(bench, dataset)


def test_use_activities_and_storage(told: Told, bench: Bench) -> None:
    read(bench, "weekly", "usage", "monthly")
    weekly, usage, monthly = (
        asked(bench.engine, key, tenant=bench.tenant_id) for key in ("weekly", "usage", "monthly")
    )
    people = [
        line
        for line in told.lines("getOffice365ActiveUserDetail(period='D7')")
        if line["Is Deleted"] == "False"
    ]
    refreshed = date.fromisoformat(people[0]["Report Refresh Date"])
    [month] = told.lines("getOffice365ServicesUserCounts(period='D30')")
    whole_week = whole_month = 0
    for service, name in SERVICES.items():
        week, thirty = told.done(service, 7), told.done(service, 30)
        whole_week, whole_month = whole_week + week, whole_month + thirty
        assert weekly[service]["total_activity_count"] == week > 0
        assert monthly[service]["total_activity_count"] == thirty
        assert usage[service]["monthly_activity_count"] == thirty
        last = {
            line["User Principal Name"]: line[f"{name} Last Activity Date"]
            for line in people
            if line[f"Has {name} License"] == "True"
        }
        since = {days: str(refreshed - timedelta(days=days)) for days in (7, 30)}
        assert usage[service]["total_users"] == len(last) > 0
        assert usage[service]["active_users"] == sum(day > since[30] for day in last.values())
        assert usage[service]["last_access_date"] == date.fromisoformat(max(last.values()))
        assert weekly[service]["weekly_active_users"] == sum(
            line[f"{name} Last Activity Date"] > since[7] for line in people
        )
        assert monthly[service]["monthly_active_users"] == int(month[f"{name} Active"])
    assert weekly["m365"]["total_activity_count"] == whole_week
    assert monthly["m365"]["total_activity_count"] == whole_month
    outside = {one: told.done(one, 7, "Shared Externally") for one in ("onedrive", "sharepoint")}
    for service, number in {**outside, "m365": sum(outside.values())}.items():
        assert weekly[service]["external_share_count"] == number
    share = Fraction(100 * int(month["Office 365 Active"]))
    share /= int(month["Office 365 Active"]) + int(month["Office 365 Inactive"])
    assert monthly["m365"]["roi_score"] == pytest.approx(float(share), abs=0.005)
    apps = told.lines("getM365AppUserDetail(period='D30')")
    assert usage["apps"]["total_users"] == len(apps)
    assert usage["apps"]["active_users"] == sum("Yes" in line.values() for line in apps)
    stored = {
        service: newest(told.lines(f"{report}(period='D7')"))
        for service, report in (
            ("exchange", "getMailboxUsageStorage"),
            ("onedrive", "getOneDriveUsageStorage"),
            ("sharepoint", "getSharePointSiteUsageStorage"),
        )
    }
    for service, part in compliance(told).items():
        assert monthly[service]["compliance_rate_percent"] == pytest.approx(part, abs=0.006)
    for service, size in {**stored, "m365": sum(stored.values())}.items():
        assert monthly[service]["storage_used_gb"] == pytest.approx(size / 2**30, abs=0.005)


def compliance(told: Told) -> dict[str, float]:
    """Points of those there are, in percent, by service and in all."""
    score = max(told.objects("security/secureScores"), key=lambda one: str(one["createdDateTime"]))
    reached = {one["controlName"]: one["score"] for one in score["controlScores"]}
    found = {"m365": 100 * score["currentScore"] / score["maxScore"]}
    controls = told.objects("security/secureScoreControlProfiles")
    named = {"exchange": "EXO", "onedrive": "SPO", "sharepoint": "SPO", "teams": "MS Teams"}
    for service, name in named.items():
        own = [
            one
            for one in controls
            if one["service"] == name and not one["deprecated"] and one["id"] in reached
        ]
        most = sum(one["maxScore"] for one in own)
        found[service] = 100 * sum(reached[one["id"]] for one in own) / most
    return found


def newest(lines: list[dict[str, str]]) -> int:
    """The bytes of the newest day: those of all sites where a line says so."""
    day = max(line["Report Date"] for line in lines)
    of_day = [line for line in lines if line["Report Date"] == day]
    every = [line for line in of_day if line.get("Site Type") == "All"] or of_day
    return sum(int(line["Storage Used (Byte)"]) for line in every)


def score(signed: int, mail: dict[str, str] | None, teams: dict[str, str] | None) -> Fraction:
    """The points of who holds all licences, each part by its own rule."""
    points = Fraction(20 if signed else 0)
    if mail is not None:
        sent = int(mail["Send Count"]) + Fraction(int(mail["Read Count"]), 5)
        points += 2 * min(sent, Fraction(20))
    if teams is not None:
        chats = int(teams["Team Chat Message Count"]) + int(teams["Private Chat Message Count"])
        points += min(chats + 5 * (int(teams["Call Count"]) + int(teams["Meeting Count"])), 40)
    return points


def test_what_each_person_did_on_the_newest_day(told: Told, bench: Bench) -> None:
    read(bench, "daily")
    daily = asked(bench.engine, "daily", tenant=bench.tenant_id)
    licences = {
        line["User Principal Name"]: line
        for line in told.lines("getOffice365ActiveUserDetail(period='D7')")
    }
    day = date.fromisoformat(next(iter(licences.values()))["Report Refresh Date"])
    sent = told.lines(f"getEmailActivityUserDetail(date={day})")
    mails = {line["User Principal Name"]: line for line in sent}
    said = {
        line["User Id"]: line for line in told.lines(f"getTeamsUserActivityUserDetail(date={day})")
    }
    since = f"createdDateTime ge {day}T00:00:00Z"
    signed = [
        row["userId"]
        for row in told.objects(f"auditLogs/signIns?$filter={since}&$top=1000")
        if row["status"]["errorCode"] == 0 and row["createdDateTime"].startswith(str(day))
    ]
    select = "id,userPrincipalName,accountEnabled,userType,assignedLicenses"
    users = {
        row["id"]: row["userPrincipalName"]
        for row in told.objects(f"users?$select={select}&$top=999")
        if row["accountEnabled"] and row["userType"] == "Member" and row["assignedLicenses"]
    }
    assert set(daily) == set(users)
    scores = set()
    for own, name in users.items():
        row, held, mail, teams = daily[own], licences[name], mails.get(name), said.get(own)
        most, points = 20, score(signed.count(own), mail, teams)
        if held["Has Exchange License"] == "True":
            most += 40
            counts = () if mail is None else (mail["Send Count"], mail["Receive Count"])
            assert row["daily_email_count"] == sum(map(int, counts))
        else:
            assert row["daily_email_count"] is None
        if held["Has Teams License"] == "True":
            most += 40
        else:
            assert row["teams_activity_count"] is None
        assert row["daily_sign_in_count"] == signed.count(own)
        assert row["activity_score"] == floor(100 * points / most + Fraction(1, 2))
        assert row["report_date"] == day
        scores.add(row["activity_score"])
    assert len(scores) > 2
