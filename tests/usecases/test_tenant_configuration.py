"""Snapshots of a tenant's configuration from Graph to the database, and the drifts that monitors find."""

from collections.abc import Iterator

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core.collector import PLANS
from tests.fixtures.collecting import Bench
from tests.fixtures.stored import collected, stored

pytestmark = pytest.mark.stack

DATASET, DRIFTS = "teams_configuration", "configuration_drifts"
EXCHANGE, RESOURCES = "exchange_configuration", "tenant_configuration"
WORKLOADS = {
    DATASET: "teams",
    EXCHANGE: "exchange",
    "intune_configuration": "intune",
    "compliance_configuration": "securityandcompliance",
}
CURRENT = "valid_to IS NULL"


@pytest.fixture(autouse=True)
def at_once(sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """A snapshot is made when it is first asked for."""
    sandbox_admin.throttle(0)
    sandbox_admin.tenant(snapshotSeconds=0)
    yield
    sandbox_admin.clear_faults()
    sandbox_admin.tenant(snapshotSeconds=2, snapshotLacks=[], mostSnapshots=12, notBought=[])
    sandbox_admin.throttle(1)


def snapshot(
    bench: Bench, state: str = "ok", cause: str | None = None, dataset: str = DATASET
) -> tuple[int, int, int]:
    """Collect until the run ends so; return how many rows came, changed and went."""
    for _ in range(12):
        row = bench.collect(dataset)
        if row is not None:
            assert (row.state, row.cause) == (state, cause), row.cause_detail
            return row.counts.inserted, row.counts.updated, row.counts.closed
    raise AssertionError("the run has not ended")


def test_resources_are_rows_and_no_snapshot_makes_versions_of_what_is_the_same(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    everything = sandbox_admin.journal(RESOURCES)["objects"]
    for dataset, workload in reversed(WORKLOADS.items()):
        snapshot(bench, dataset=dataset)
        beginning = f"microsoft.{workload}."
        told = {k: v for k, v in everything.items() if v["resourceType"].startswith(beginning)}
        rows = {own: (kind, said) for own, kind, said in stored(bench, dataset, "id, resource_type, properties", CURRENT)}  # fmt: skip
        assert rows == {own: (row["resourceType"], row["properties"]) for own, row in told.items()}
        assert rows
    [(first,)] = stored(bench, DATASET, "DISTINCT snapshot_id")
    assert snapshot(bench) == (0, 0, 0), "in another order, by another job"
    assert len(stored(bench, DATASET, "id")) == len(told)
    [(second,)] = stored(bench, DATASET, "DISTINCT snapshot_id")
    assert second != first


def test_a_switch_that_is_turned_makes_a_version_and_a_policy_that_goes_ends(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    snapshot(bench)
    own, gone = (f"microsoft.teams.messagingpolicy/TeamsMessagingPolicy-{name}" for name in ("Global", "Frontline"))  # fmt: skip
    said = sandbox_admin.journal(RESOURCES)["objects"][own]["properties"]
    turned = {**said, "AllowUserChat": not said["AllowUserChat"]}
    sandbox_admin.patch(RESOURCES, own, {"properties": turned})
    sandbox_admin.delete(RESOURCES, gone)
    assert snapshot(bench) == (0, 1, 1)
    assert stored(bench, DATASET, "properties", f"id = '{own}' AND {CURRENT}") == [(turned,)]
    assert stored(bench, DATASET, "id", f"id = '{gone}' AND {CURRENT}") == []


def test_each_job_is_deleted_so_that_there_are_never_too_many(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    # As many as there are, left by jobs that failed, and one more.
    for most in range(1, 12):
        sandbox_admin.tenant(mostSnapshots=most)
        rows = (bench.collect(DATASET) for _ in range(12))
        if next(row for row in rows if row is not None).state == "ok":
            break
    for _ in range(2):
        snapshot(bench)


def test_what_could_not_be_read_is_not_taken_for_gone(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    snapshot(bench, dataset=EXCHANGE)
    known = stored(bench, EXCHANGE, "id", CURRENT)
    sandbox_admin.tenant(snapshotLacks=["exchange"])
    assert snapshot(bench, "partial", "job_partly", EXCHANGE) == (0, 0, 0)
    assert stored(bench, EXCHANGE, "id", CURRENT) == known != []
    snapshot(bench)  # what may be read of Teams is whole all the same
    sandbox_admin.tenant(notBought=["intune"])
    collected(bench, PLANS)
    snapshot(bench, "not_licensed", "no_service_plan", "intune_configuration")


def test_a_snapshot_that_fails_again_and_again_fails_the_run(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.faults({"kind": "snapshot_fails", "path": "createSnapshot"})
    snapshot(bench, "failed", "job_failed")


def test_without_microsofts_principal_nothing_is_permitted(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.tenant(notBought=["tcm"])
    snapshot(bench, "not_permitted", "graph_not_permitted")


def test_drifts_and_monitors_are_those_that_are_told_of(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    collected(bench, "configuration_monitors")
    monitors = sandbox_admin.journal("configuration_monitors")["objects"]
    assert dict(stored(bench, "configuration_monitors", "id, status", CURRENT)) == {
        own: row["status"] for own, row in monitors.items()
    }
    collected(bench, DRIFTS)
    told = sandbox_admin.journal(DRIFTS)["objects"]
    fixed = next(own for own, row in told.items() if row["status"] == "fixed")
    properties = dict(stored(bench, DRIFTS, "id, drifted_properties", CURRENT))
    assert properties == {own: row["driftedProperties"] for own, row in told.items()}
    sandbox_admin.patch(DRIFTS, fixed, {"fixedAt": "2020-01-01T00:00:00Z"})
    assert collected(bench, DRIFTS).counts.closed == 1
    assert fixed not in {own for (own,) in stored(bench, DRIFTS, "id", CURRENT)}
