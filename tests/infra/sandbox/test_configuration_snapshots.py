"""Snapshots of configuration: the protocol of the job, its limits, and what monitors tell."""

from datetime import datetime
from typing import Any

import pytest

from tests.fixtures.sandbox import live_until
from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

ROOT = "/admin/configurationManagement"
JOBS = f"{ROOT}/configurationSnapshotJobs"
MEETINGS = "microsoft.teams.meetingpolicy"


def post(sandbox: Sandbox, name: str, *resources: str) -> Any:
    """Create a snapshot; return the answer."""
    body = {"displayName": name, "description": "", "resources": resources or (MEETINGS,)}
    return sandbox.http.post(f"{ROOT}/configurationSnapshots/createSnapshot", json=body)


def empty(sandbox: Sandbox) -> None:
    """Delete every job."""
    for job in sandbox.read(f"{JOBS}?$select=id")[0]:
        assert sandbox.http.delete(f"{JOBS}/{job['id']}").status_code == 204


def test_a_job_is_posted_asked_for_and_what_it_extracted_is_read(sandbox: Sandbox) -> None:
    sandbox.admin.tenant(snapshotSeconds=60)
    answer = post(sandbox, "kanri 20261201", MEETINGS, "microsoft.teams.federationconfiguration")
    assert answer.status_code == 200
    job = answer.json()
    assert (job["status"], job["resourceLocation"]) == ("notStarted", "")
    assert datetime.fromisoformat(job["completedDateTime"]).year == 1
    sandbox.admin.advance(30)
    usual = sandbox.get(f"{JOBS}/{job['id']}").json()
    assert usual["status"] == "running"
    assert not {"resourceLocation", "errorDetails", "resources"} & usual.keys(), "on $select only"
    sandbox.admin.advance(31)
    done = sandbox.get(f"{JOBS}/{job['id']}?$select=id,status,resourceLocation").json()
    assert done["status"] == "succeeded"
    assert "/beta/" in done["resourceLocation"]
    found = sandbox.get(f"{ROOT}/configurationSnapshots('{job['id']}')").json()
    told = sandbox.admin.journal("tenant_configuration")["objects"].values()
    assert {row["displayName"] for row in found["resources"]} == {
        row["displayName"] for row in told if row["resourceType"] in job["resources"]
    }
    [federation] = [row for row in found["resources"] if row["resourceType"] != MEETINGS]
    assert "AllowedDomains@odata.type" in federation["properties"]
    empty(sandbox)
    assert sandbox.error(f"{JOBS}/{job['id']}")[0] == 404


def test_names_and_numbers_of_jobs_are_limited(sandbox: Sandbox) -> None:
    sandbox.admin.tenant(snapshotSeconds=0)
    for name in ("short", "kanri 2026-12-01", "k" * 33):
        assert post(sandbox, name).status_code == 400
    for kind in ("teams.team", "securityandcompliance.dlpcompliancerule", "intune.policy"):
        assert post(sandbox, "kanri 1000", MEETINGS, f"microsoft.{kind}").status_code == 400
    assert post(sandbox, "kanri 1000").status_code == 200
    assert post(sandbox, "kanri 1000").status_code == 409, "no two are called alike"
    answers = [post(sandbox, f"kanri {1001 + n}").status_code for n in range(12)]
    assert answers == [200] * 11 + [400]
    sandbox.admin.advance(7 * 86_400 + 1)
    assert sandbox.read(JOBS)[0] == [], "kept for seven days"


def test_what_a_workload_refuses_is_missing_and_told(sandbox: Sandbox) -> None:
    sandbox.admin.tenant(snapshotSeconds=0, snapshotLacks=["exchange"])
    key = post(sandbox, "kanri 2000", MEETINGS, "microsoft.exchange.transportrule").json()["id"]
    sandbox.admin.tenant(snapshotLacks=[])
    job = sandbox.get(f"{JOBS}/{key}?$select=status,errorDetails").json()
    assert job["status"] == "partiallySuccessful"
    assert "exchange" in job["errorDetails"][0]
    rows = sandbox.get(f"{ROOT}/configurationSnapshots/{key}").json()["resources"]
    assert {row["resourceType"] for row in rows} == {MEETINGS}
    sandbox.admin.tenant(notBought=["intune"])
    key = post(sandbox, "kanri 2001", "microsoft.intune.devicecleanuprule").json()["id"]
    sandbox.admin.tenant(notBought=[])
    told = sandbox.get(f"{JOBS}/{key}?$select=status,errorDetails").json()
    assert told["errorDetails"] == ["Access to intune was denied."]
    empty(sandbox)


def test_drifts_show_what_drifted_on_demand_only(sandbox: Sandbox) -> None:
    usual = sandbox.read(f"{ROOT}/configurationDrifts")[0]
    assert usual
    assert all("driftedProperties" not in row for row in usual)
    path = f"{ROOT}/configurationDrifts?$select=id,status,driftedProperties&$top=999"
    rows = sandbox.read(path)[0]
    assert {row["status"] for row in rows} == {"active", "fixed"}
    assert all(row["driftedProperties"] for row in rows)
    inactive = [row for row in sandbox.read(f"{ROOT}/configurationMonitors?$select=id,status,inactivationReason")[0] if row["inactivationReason"]]  # fmt: skip
    assert {row["status"] for row in inactive} == {"inactive"}


def test_life_turns_switches_and_finds_drifts(sandbox: Sandbox) -> None:
    names = ("tenant_configuration", "configuration_drifts", "configuration_monitors")
    before = {name: sandbox.admin.journal(name)["objects"] for name in names}

    def each_changed(_kinds: set[str]) -> bool:
        return all(sandbox.admin.journal(name)["objects"] != before[name] for name in names)

    live_until(sandbox.admin, each_changed)
