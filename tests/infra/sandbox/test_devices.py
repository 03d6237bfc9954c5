"""Devices, managed and of the directory: what moves by itself, what is unknown, how it is refused."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.fixtures.sandbox import live_until
from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

PATH = "/deviceManagement/managedDevices"


def test_a_fleet_of_every_system_with_the_gaps_of_a_real_one(sandbox: Sandbox) -> None:
    rows, _page = sandbox.read(f"{PATH}?$top=100")
    assert len(rows) == len({row["id"] for row in rows}) > 300
    systems = Counter(row["operatingSystem"] for row in rows)
    assert systems["Windows"] > len(rows) / 2 > systems["iOS"] > 0
    assert {row["complianceState"] for row in rows} >= {
        "compliant",
        "noncompliant",
        "inGracePeriod",
    }
    deadlines = {row["complianceGracePeriodExpirationDateTime"] for row in rows}
    assert {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"} <= deadlines
    names = Counter(row["deviceName"] for row in rows)
    assert max(names.values()) > 1
    assert any(row["userId"] == "" for row in rows)
    stale = datetime.now(UTC) - timedelta(days=199)
    assert any(datetime.fromisoformat(row["lastSyncDateTime"]) < stale for row in rows)


def test_devices_report_as_the_days_pass_and_nothing_else_moves(sandbox: Sandbox) -> None:
    before = {row["id"]: row for row in sandbox.read(PATH)[0]}
    sandbox.admin.advance(86_400)
    after = {row["id"]: row for row in sandbox.read(PATH)[0]}
    moved = {key for key in before if before[key] != after[key]}
    assert len(moved) > len(before) / 2
    for key in moved:
        same = {**before[key], "lastSyncDateTime": after[key]["lastSyncDateTime"]}
        assert same == after[key]
        assert before[key]["lastSyncDateTime"] < after[key]["lastSyncDateTime"]


def test_a_device_is_judged_anew_and_the_journal_knows(sandbox: Sandbox) -> None:
    device = sandbox.read(PATH)[0][7]
    sandbox.admin.patch("managed_devices", device["id"], {"complianceState": "error"})
    assert sandbox.get(f"{PATH}/{device['id']}").json()["complianceState"] == "error"
    journal = sandbox.admin.journal("managed_devices", select=["complianceState"])["objects"]
    assert journal[device["id"]] == {"complianceState": "error"}
    sandbox.admin.delete("managed_devices", device["id"])
    assert sandbox.error(f"{PATH}/{device['id']}")[0] == 404
    assert device["id"] not in {row["id"] for row in sandbox.read(f"{PATH}?$select=id")[0]}


def test_intune_refuses_in_json_within_json(sandbox: Sandbox) -> None:
    sandbox.admin.tenant(notBought=["intune"])
    try:
        answer = sandbox.get(PATH)
    finally:
        sandbox.admin.tenant(notBought=[])
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")
    told = json.loads(answer.json()["error"]["message"])
    assert told["Message"].startswith("Request not applicable to target tenant.")
    app = sandbox.admin.app(permissions=["User.Read.All"])
    other = {**sandbox.tenant, "clientId": app["app_id"], "clientSecret": app["secret"]}
    denied = sandbox.get(PATH, Authorization=f"Bearer {sandbox.token(other)}")
    assert denied.status_code == 403
    assert "DeviceManagementManagedDevices.Read.All" in denied.json()["error"]["message"]


def test_options_of_a_page(sandbox: Sandbox) -> None:
    page = sandbox.get(f"{PATH}?$select=id,deviceName&$top=3").json()
    assert [set(row) for row in page["value"]] == [{"id", "deviceName"}] * 3
    assert "@odata.nextLink" in page
    assert sandbox.error(f"{PATH}?$top=1001")[0] == 400
    rows, _page = sandbox.read(f"{PATH}?$filter=operatingSystem eq 'iOS'&$select=operatingSystem")
    assert {row["operatingSystem"] for row in rows} == {"iOS"}


def test_the_directory_has_others_than_intune_and_knows_them_otherwise(sandbox: Sandbox) -> None:
    rows, page = sandbox.read("/devices/delta?$select=deviceId,isManaged,isCompliant,trustType")
    assert "@odata.deltaLink" in page
    managed = {row["azureADDeviceId"] for row in sandbox.read(PATH)[0]}
    known = {row["deviceId"] for row in rows}
    assert len(known) == len(rows)
    assert known - managed
    assert managed - known
    assert {row["trustType"] for row in rows} == {"AzureAd", "ServerAd", "Workplace"}
    judged = {row.get("isCompliant") for row in rows if row.get("isManaged")}
    others = {row.get("isCompliant") for row in rows if not row.get("isManaged")}
    assert (judged, others) == ({True, False}, {None})


def test_devices_of_the_directory_sign_in_and_are_cleaned_away(sandbox: Sandbox) -> None:
    rows, page = sandbox.read("/devices/delta?$select=accountEnabled,approximateLastSignInDateTime")
    before = {row["id"]: row for row in rows}
    gone: set[str] = set()

    def some_are_gone_and_others_seen(_kinds: set[str]) -> bool:
        changed, _page = sandbox.read(page["@odata.deltaLink"])
        gone.update(row["id"] for row in changed if "@removed" in row)
        return bool(gone) and any(
            "@removed" not in row and row != before[row["id"]] for row in changed
        )

    live_until(sandbox.admin, some_are_gone_and_others_seen)
    assert sandbox.error(f"/devices/{min(gone)}")[0] == 404
    app = sandbox.admin.app(permissions=["User.Read.All"])
    other = {**sandbox.tenant, "clientId": app["app_id"], "clientSecret": app["secret"]}
    denied = sandbox.get("/devices", Authorization=f"Bearer {sandbox.token(other)}")
    assert denied.json()["error"]["code"] == "Authorization_RequestDenied"
