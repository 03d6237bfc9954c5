"""Teams, their channels and apps, and the policies of people, from Graph to the database."""

from collections.abc import Iterator

import pytest

from infra.local.sandbox.client import SandboxAdmin
from tests.fixtures.collecting import Bench
from tests.fixtures.stored import collected, stored

pytestmark = pytest.mark.stack

CURRENT = "valid_to IS NULL"
BELOW = ("team_settings", "channels", "team_app_installs")


@pytest.fixture(autouse=True)
def teams(bench: Bench, sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """Teams have been read."""
    sandbox_admin.throttle(0)
    collected(bench, "teams")
    yield
    sandbox_admin.throttle(1)


def ids(bench: Bench, dataset: str, column: str = "id") -> set[str]:
    return {own for (own,) in stored(bench, dataset, column, CURRENT)}


def told(sandbox_admin: SandboxAdmin, dataset: str) -> dict[str, dict[str, object]]:
    """What there is of a dataset in teams that are there."""
    groups = sandbox_admin.journal("groups")["objects"]
    teams = sandbox_admin.journal("teams")["objects"].keys() & groups.keys()
    rows = sandbox_admin.journal(dataset)["objects"]
    return {own: row for own, row in rows.items() if row.get("teamId", own) in teams}


def test_below_each_team_its_settings_channels_and_apps_are_read(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    for dataset in BELOW:
        assert collected(bench, dataset).counts.rejected == 0
    teams = told(sandbox_admin, "teams")
    assert ids(bench, "team_settings") == teams.keys() <= ids(bench, "teams")
    for dataset in ("channels", "team_app_installs"):
        rows = told(sandbox_admin, dataset)
        assert ids(bench, dataset) == {f"{row['teamId']}/{own}" for own, row in rows.items()}
    kinds = dict(stored(bench, "channels", "id, membership_type", CURRENT))
    assert kinds == {
        f"{row['teamId']}/{own}": row["membershipType"]
        for own, row in told(sandbox_admin, "channels").items()
    }
    counts = stored(bench, "team_settings", "id", f"{CURRENT} AND members_count IS NULL")
    assert counts == [], "the summary was asked for"


def test_a_team_that_is_gone_ends_what_was_below_it(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    for dataset in BELOW:
        collected(bench, dataset)
    channels = told(sandbox_admin, "channels").values()
    gone = min(str(row["teamId"]) for row in channels)
    sandbox_admin.delete("teams", gone)
    for dataset in BELOW:
        before = len(ids(bench, dataset))
        row = collected(bench, dataset)
        assert row.counts.closed == before - len(ids(bench, dataset))
        assert gone not in ids(bench, dataset, "team_id")
    assert gone in ids(bench, "teams"), "its group still tells of it"


def test_apps_of_the_catalogue_and_of_people(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    collected(bench, "users")
    assert collected(bench, "teams_apps").rows == len(ids(bench, "teams_apps")) > 2_500
    collected(bench, "user_app_installs")
    rows = sandbox_admin.journal("user_app_installs")["objects"]
    users = sandbox_admin.journal("users")["objects"]
    there = {own: row for own, row in rows.items() if row["userId"] in users}
    assert ids(bench, "user_app_installs") == {
        f"{row['userId']}/{own}" for own, row in there.items()
    }
    versions = dict(stored(bench, "user_app_installs", "id, version", CURRENT))
    assert versions == {
        f"{row['userId']}/{own}": row["teamsAppDefinition"]["version"] for own, row in there.items()
    }


def test_policies_of_people(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    dataset = "teams_user_configurations"
    collected(bench, dataset)
    users = sandbox_admin.journal("users")["objects"]
    rows = {
        own: row["accountType"]
        for own, row in sandbox_admin.journal(dataset)["objects"].items()
        if own in users or row["accountType"] == "resourceAccount"
    }
    assert dict(stored(bench, dataset, "id, account_type", CURRENT)) == rows
    assert "ineligibleUser" in rows.values()
    assert collected(bench, dataset).counts.unchanged == len(rows)


def test_without_teams_nothing_is_taken_for_empty(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    before = ids(bench, "teams")
    sandbox_admin.tenant(notBought=["teams"])
    row = bench.collect("teams")
    sandbox_admin.tenant(notBought=[])
    assert row is not None
    assert (row.state, row.counts.closed) == ("not_licensed", 0)
    assert ids(bench, "teams") == before


def test_that_there_are_no_calls_is_not_said_of_a_tenant_without_teams(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.tenant(notBought=["teams"])
    collected(bench, "service_plans")
    collected(bench, "call_records", "not_licensed", "no_service_plan")
    collected(bench, "call_streams", "not_licensed", "parent_not_collected")
    sandbox_admin.tenant(notBought=[])
    assert collected(bench, "call_records").counts.read > 100
    sandbox_admin.tenant(notBought=["teams"])
    collected(bench, "service_plans")
    assert collected(bench, "call_records").rows > 100, "what is known stays, and nothing is new"
    sandbox_admin.tenant(notBought=[])


def test_below_what_was_not_bought_there_is_no_licence_either(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.tenant(notBought=["sharepoint"])
    collected(bench, "users")
    collected(bench, "user_drives", "not_licensed", "graph_not_licensed")
    for dataset in ("drive_items", "drive_item_permissions"):
        collected(bench, dataset, "not_licensed", "parent_not_collected")
    sandbox_admin.tenant(notBought=[])
