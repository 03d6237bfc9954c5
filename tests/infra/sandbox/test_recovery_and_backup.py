"""Directory recovery, compliance policies and Microsoft 365 Backup: shapes, time and life."""

import pytest

from tests.fixtures.sandbox import live_until
from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

SNAPSHOTS, JOBS = "/directory/recovery/snapshots", "/directory/recovery/jobs"
POLICIES, BACKUP = "/deviceManagement/deviceCompliancePolicies", "/solutions/backupRestore"


def test_five_days_of_snapshots_roll_on(sandbox: Sandbox) -> None:
    before = [row["id"] for row in sandbox.read(SNAPSHOTS)[0]]
    assert len(before) == 5
    sandbox.admin.advance(2 * 86_400)
    after = [row["id"] for row in sandbox.read(SNAPSHOTS)[0]]
    assert len(after) == 5
    assert after[2:] == before[:3]


def test_jobs_end_and_only_people_start_them(sandbox: Sandbox) -> None:
    states = {row["status"] for row in sandbox.read(JOBS)[0]}
    assert {"failed", "abandoned", "successful"} <= states
    sandbox.admin.advance(5 * 3_600)
    rows, _page = sandbox.read(JOBS)
    assert all(row["jobCompletionDateTime"] for row in rows)
    assert sandbox.http.post(JOBS, json={}).status_code == 403


def test_assignments_come_where_they_are_expanded(sandbox: Sandbox) -> None:
    plain, _page = sandbox.read(POLICIES)
    assert all("assignments" not in row for row in plain)
    whole, _page = sandbox.read(f"{POLICIES}?$expand=assignments")
    assert all(isinstance(row["assignments"], list) for row in whole)


def test_backup_is_on_or_off_and_units_may_fail(sandbox: Sandbox) -> None:
    assert sandbox.get(BACKUP).json()["serviceStatus"]["status"] == "enabled"
    units, _page = sandbox.read(f"{BACKUP}/protectionUnits")
    assert {"unknownFutureValue", "protected"} <= {row["status"] for row in units}
    assert any(row["error"] for row in units)
    sandbox.admin.tenant(notBought=["backup"])
    try:
        assert sandbox.get(BACKUP).json()["serviceStatus"]["status"] == "disabled"
        assert sandbox.error(f"{BACKUP}/restoreSessions") == (403, "Forbidden")
    finally:
        sandbox.admin.tenant(notBought=[])


def test_life_changes_policies_and_backups(sandbox: Sandbox) -> None:
    expanded = f"{POLICIES}?$expand=assignments"
    lists = [row["assignments"] for row in sandbox.read(expanded)[0]]

    def both_live(kinds: set[str]) -> bool:
        lists.extend(row["assignments"] for row in sandbox.read(expanded)[0])
        assigned = {bool(each) for each in lists}
        return {"compliance policy", "backup"} <= kinds and assigned == {True, False}

    live_until(sandbox.admin, both_live)
    sessions, _page = sandbox.read(f"{BACKUP}/restoreSessions")
    assert "active" not in {row["status"] for row in sessions}
