"""Teams: what the list leaves out, teams that are gone, channels, apps, and the policies of people."""

import pytest

from tests.fixtures.sandbox import live_until
from tests.infra.sandbox.conftest import Sandbox, started

pytestmark = pytest.mark.stack


def some_team(sandbox: Sandbox) -> str:
    """A team that is there."""
    groups = sandbox.admin.journal("groups")["objects"]
    return str(min(sandbox.admin.journal("teams")["objects"].keys() & groups.keys()))


def test_the_list_has_names_only_and_the_team_itself_the_rest(sandbox: Sandbox) -> None:
    rows, _page = sandbox.read("/teams?$select=id,displayName,visibility")
    groups, _page = sandbox.read("/groups?$select=id,displayName,resourceProvisioningOptions")
    teams = {row["id"]: row["displayName"] for row in groups if row["resourceProvisioningOptions"]}
    assert {row["id"]: row["displayName"] for row in rows} == teams
    assert {row["visibility"] for row in rows} == {None}
    own = some_team(sandbox)
    whole = sandbox.get(f"/teams/{own}").json()
    assert whole["visibility"] in ("private", "public")
    assert "summary" not in whole, "on $select only"
    summary = sandbox.get(f"/teams/{own}?$select=id,summary").json()["summary"]
    members = sandbox.read(f"/groups/{own}/members?$select=id,userType&$top=999")[0]
    guests = [row for row in members if row.get("userType") == "Guest"]
    assert summary["guestsCount"] == len(guests)


def test_of_a_team_that_is_gone_the_group_still_tells(sandbox: Sandbox) -> None:
    own = some_team(sandbox)
    sandbox.admin.delete("teams", own)
    assert own in {row["id"] for row in sandbox.read("/teams")[0]}
    for path in ("", "/channels", "/installedApps"):
        assert sandbox.error(f"/teams/{own}{path}") == (404, "NotFound")


def test_shared_channels_are_told_to_who_asks_for_later_members(sandbox: Sandbox) -> None:
    channels = sandbox.admin.journal("channels")["objects"].values()
    there = sandbox.admin.journal("teams")["objects"].keys() & {
        row["id"] for row in sandbox.read("/teams")[0]
    }
    own = next(
        row["teamId"]
        for row in channels
        if row["membershipType"] == "shared" and row["teamId"] in there
    )
    path = f"/teams/{own}/channels?$select=id,membershipType"
    kinds = {row["membershipType"] for row in sandbox.read(path)[0]}
    assert "unknownFutureValue" in kinds
    told = sandbox.read(path, Prefer="include-unknown-enum-members")[0]
    assert "shared" in {row["membershipType"] for row in told}
    assert {row["id"] for row in told} == {row["id"] for row in channels if row["teamId"] == own}


def test_apps_come_with_what_is_expanded(sandbox: Sandbox) -> None:
    path = "/appCatalogs/teamsApps?$expand=appDefinitions($select=id,version,publishingState)"
    rows, _page = sandbox.read(path)
    assert len(rows) > 2_500
    assert set(rows[0]["appDefinitions"][0]) == {"id", "version", "publishingState"}
    assert "appDefinitions" not in sandbox.get("/appCatalogs/teamsApps").json()["value"][0]
    own = "/appCatalogs/teamsApps?$filter=distributionMethod eq 'organization'"
    assert 0 < len(sandbox.read(own)[0]) < 10
    user = next(iter(sandbox.admin.journal("user_app_installs")["objects"].values()))["userId"]
    path = f"/users/{user}/teamwork/installedApps?$expand=teamsApp,teamsAppDefinition"
    [first, *_] = sandbox.read(path)[0]
    assert first["teamsApp"]["id"] == first["teamsAppDefinition"]["teamsAppId"] != first["id"]
    guest = sandbox.read("/users?$filter=userType eq 'Guest'&$select=id")[0][0]["id"]
    assert sandbox.error(f"/users/{guest}/teamwork/installedApps") == (404, "NotFound")


def test_policies_are_told_of_where_they_are_not_the_global_ones(sandbox: Sandbox) -> None:
    path = "/admin/teams/userConfigurations?$select=id,accountType,effectivePolicyAssignments"
    rows, _page = sandbox.read(path, Prefer="include-unknown-enum-members")
    kinds = {row["accountType"] for row in rows}
    assert kinds == {"user", "guest", "resourceAccount", "ineligibleUser"}
    given = [one for row in rows for one in row["effectivePolicyAssignments"]]
    assert {one["policyAssignment"]["assignmentType"] for one in given} == {"direct", "group"}
    without = [row for row in rows if not row["effectivePolicyAssignments"]]
    assert len(without) > len(rows) / 3
    assert "unknownFutureValue" in {row["accountType"] for row in sandbox.read(path)[0]}


def test_life_changes_teams_channels_apps_and_policies(sandbox: Sandbox) -> None:
    names = ("teams", "channels", "team_app_installs", "user_app_installs", "teams_apps", "teams_user_configurations")  # fmt: skip
    before = {name: sandbox.admin.journal(name)["objects"] for name in names}

    def each_changed(_kinds: set[str]) -> bool:
        return all(sandbox.admin.journal(name)["objects"] != before[name] for name in names)

    live_until(sandbox.admin, each_changed)


def test_who_lacks_the_licence_or_the_permission_is_refused(sandbox: Sandbox) -> None:
    sandbox.admin.tenant(notBought=["teams"])
    try:
        answer = sandbox.get("/teams")
        assert answer.status_code == 403
        assert "license" in answer.json()["error"]["message"]
    finally:
        sandbox.admin.tenant(notBought=[])


def test_a_fifth_request_in_a_second_to_one_team_is_too_many(tmp_path_factory: pytest.TempPathFactory) -> None:  # fmt: skip
    with started(tmp_path_factory.mktemp("teams"), "--users", "60", "--seed", "2") as ready:
        sandbox = Sandbox(ready)
        own = some_team(sandbox)
        answers = [sandbox.get(f"/teams/{own}").status_code for _ in range(6)]
        sandbox.http.close()
    assert answers[:4] == [200] * 4
    assert 429 in answers[4:]
