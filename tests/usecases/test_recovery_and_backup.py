"""Snapshots and recoveries of the directory, compliance policies, Microsoft 365 Backup: what is kept of them."""

from collections.abc import Iterator

import pytest

from infra.local.sandbox.client import SandboxAdmin
from tests.fixtures.collecting import Bench
from tests.fixtures.stored import collected, stored

pytestmark = pytest.mark.stack

SNAPSHOTS, JOBS, POLICIES = "directory_snapshots", "recovery_jobs", "device_compliance_policies"
BACKUP = ("backup_policies", "backup_units", "restore_sessions")


@pytest.fixture(autouse=True)
def as_it_was(sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """A tenant that has bought everything, before and after."""
    yield
    sandbox_admin.tenant(premium="P2", notBought=[])
    sandbox_admin.clear_faults()


def test_snapshots_stay_known_when_microsoft_forgets_them(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    assert collected(bench, SNAPSHOTS).rows in (4, 5)
    before = {own for (own,) in stored(bench, SNAPSHOTS, "id", "valid_to IS NULL")}
    sandbox_admin.faults({"kind": "body", "path": "recovery/snapshots", "value": '{"value":[]}'})
    for _ in range(2):  # an empty list is believed when it is told twice
        bench.collect(SNAPSHOTS)
    assert {own for (own,) in stored(bench, SNAPSHOTS, "id", "valid_to IS NULL")} == before


def test_recoveries_are_told_apart_from_previews_and_end(bench: Bench) -> None:
    collected(bench, JOBS)
    rows = stored(bench, JOBS, "status, type, completed_at IS NULL")
    assert {"failed", "abandoned", "successful", "calculating"} == {status for status, *_ in rows}
    assert {(status == "calculating") == unfinished for status, _kind, unfinished in rows} == {True}
    assert len({kind for _status, kind, _ in rows}) == 2


def test_compliance_policies_keep_demands_and_assignments(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    collected(bench, POLICIES)
    told = sandbox_admin.journal(POLICIES)["objects"]
    rows = stored(bench, POLICIES, "id, version, assignments, raw ->> 'storageRequireEncryption'")
    assert {own: (version, assigned) for own, version, assigned, _demand in rows} == {
        own: (row["version"], row["assignments"]) for own, row in told.items()
    }
    assert {demand for *_, demand in rows} == {"true", None}
    assert [] in [assigned for _own, _version, assigned, _demand in rows]


@pytest.mark.parametrize("dataset", BACKUP)
def test_what_is_backed_up_is_what_the_tenant_has(
    bench: Bench, sandbox_admin: SandboxAdmin, dataset: str
) -> None:
    collected(bench, dataset)
    told = sandbox_admin.journal(dataset)["objects"]
    assert dict(stored(bench, dataset, "id, status")) == {
        own: row["status"] for own, row in told.items()
    }


def test_the_backup_service_says_whether_it_is_on(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    collected(bench, "backup_service")
    sandbox_admin.tenant(notBought=["backup"])
    collected(bench, "backup_service")
    rows = stored(bench, "backup_service", "valid_from, id, status, disable_reason")
    assert [row[1:] for row in rows] == [
        ("backup_service", "enabled", "none"),
        ("backup_service", "disabled", "userRequested"),
    ]


@pytest.mark.parametrize("dataset", [SNAPSHOTS, JOBS, POLICIES, *BACKUP])
def test_who_has_not_bought_it_is_told_so(
    bench: Bench, sandbox_admin: SandboxAdmin, dataset: str
) -> None:
    sandbox_admin.tenant(premium="none", notBought=["intune", "backup"])
    row = bench.collect(dataset)
    assert row is not None
    assert (row.state, row.counts.read) == ("not_licensed", 0)
