"""The tenant's life and the journal that remembers it."""

import random
from datetime import datetime
from typing import Any

import pytest

from infra.local.sandbox.client import SandboxError
from infra.local.sandbox.scan import declared
from tests.fixtures.sandbox import live_until
from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

SELECT = "displayName,department,mobilePhone,accountEnabled,assignedLicenses"


class Mirror:
    """What a correct client knows: rounds of delta applied one after the other."""

    def __init__(self, sandbox: Sandbox, path: str) -> None:
        self._sandbox = sandbox
        self._link = path
        self.known: dict[str, dict[str, Any]] = {}

    def read(self) -> None:
        rows, page = self._sandbox.read(self._link, Prefer="odata.maxpagesize=50")
        for row in rows:
            if "@removed" in row:
                self.known.pop(row["id"], None)
            else:
                self.known[row["id"]] = row
        self._link = page["@odata.deltaLink"]


def test_delta_rounds_add_up_to_the_journal_at_every_instant(sandbox: Sandbox) -> None:
    names = [*SELECT.split(","), "id"]
    mirror = Mirror(sandbox, f"/users/delta?$select={SELECT}")
    dice = random.Random(11)
    instants = []
    for _ in range(8):
        sandbox.admin.life(dice.randrange(1, 25))
        mirror.read()
        wall = datetime.fromisoformat(sandbox.admin.journal("users", select=["id"])["wall"])
        instants.append((wall, {key: dict(row) for key, row in mirror.known.items()}))
        sandbox.admin.advance(600)
    for wall, known in instants:
        told = sandbox.admin.journal("users", at=wall, select=names)["objects"]
        assert set(told) == set(known)
        for key, row in known.items():
            # what delta leaves out was never set: a list answers null or [] for it
            assert {name: row.get(name) or None for name in names} == {
                name: told[key][name] or None for name in names
            }


def test_the_journal_agrees_with_lists(sandbox: Sandbox) -> None:
    sandbox.admin.life(60, seed=5)
    pairs = {
        "groups": "/groups",
        "conditional_access_policies": "/identity/conditionalAccess/policies",
        "role_assignments": "/roleManagement/directory/roleAssignments",
        "registrations": "/reports/authenticationMethods/userRegistrationDetails",
        "sign_in_activity": "/users?$select=id,signInActivity&$top=500",
    }
    for dataset, path in pairs.items():
        rows, _page = sandbox.read(path, Prefer="include-unknown-enum-members")
        journal = sandbox.admin.journal(dataset, select=["id"] if dataset == "groups" else None)
        assert {row["id"] for row in rows} == set(journal["objects"])
        if dataset != "groups":
            assert {row["id"]: row for row in rows} == journal["objects"]


def test_every_kind_of_event_happens_and_leaves_its_traces(sandbox: Sandbox) -> None:
    before = sandbox.admin.stats()["tenants"][sandbox.tenant["tenantId"]]
    happened: set[str] = set()
    beside = {event.kind for event in declared("LIFE")}
    known = {
        "join", "move", "leave", "restore", "purge", "licence", "membership", "policy", "location",
        "role", "register", "sign in", "group", "issue",
    }  # fmt: skip

    def each_happened(kinds: set[str]) -> bool:
        happened.update(kinds)
        # The policies that are on exclude security defaults.
        return known | beside <= kinds | {"security defaults"}

    live_until(sandbox.admin, each_happened)
    assert happened - beside == known
    after = sandbox.admin.stats()["tenants"][sandbox.tenant["tenantId"]]
    assert after["signIns"] > before["signIns"]
    assert after["audits"] > before["audits"]
    newest = sandbox.get("/auditLogs/signIns?$top=1").json()["value"][0]
    user = sandbox.get(f"/users/{newest['userId']}?$select=id,signInActivity")
    if user.status_code == 200 and newest["status"]["errorCode"] == 0:
        assert user.json()["signInActivity"]["lastSignInDateTime"] >= newest["createdDateTime"]


def test_licences_in_use_follow_the_users(sandbox: Sandbox) -> None:
    sandbox.admin.life(40, seed=9)
    users, _page = sandbox.read("/users?$select=assignedLicenses&$top=999")
    held: dict[str, int] = {}
    for user in users:
        for licence in user["assignedLicenses"]:
            held[licence["skuId"]] = held.get(licence["skuId"], 0) + 1
    skus, _page = sandbox.read("/subscribedSkus")
    assert {sku["skuId"]: sku["consumedUnits"] for sku in skus if sku["consumedUnits"]} == held


def _audits_of(sandbox: Sandbox, *, count: int) -> list[dict[str, Any]]:
    """The newest directory audits, oldest first; what was really done is never called a failure."""
    audits = sandbox.get(f"/auditLogs/directoryAudits?$top={count}").json()["value"]
    assert all(audit["result"] == "success" for audit in audits)
    return list(reversed(audits))


def test_people_and_groups_leave_the_audits_of_entra(sandbox: Sandbox) -> None:
    admin = sandbox.admin
    user = sandbox.get("/users?$filter=userType eq 'Member'&$top=30").json()["value"][-1]["id"]
    group = sandbox.get("/groups?$top=1").json()["value"][0]["id"]
    outsider = group not in {
        edge["groupId"]
        for edge in admin.journal("members")["objects"].values()
        if edge["memberId"] == user
    }
    admin.member(group, user, present=outsider)
    admin.member(group, user, present=outsider)  # is so already: nothing to tell of
    admin.patch("users", user, {"department": "監査室"})
    admin.delete("users", user)
    admin.restore("users", user)
    admin.delete("users", user)
    admin.delete("users", user, final=True)
    admin.patch("groups", group, {"displayName": "Renamed"})
    audits = _audits_of(sandbox, count=7)
    assert [audit["activityDisplayName"] for audit in audits] == [
        "Add member to group" if outsider else "Remove member from group",
        "Update user",
        "Delete user",
        "Restore user",
        "Delete user",
        "Hard Delete user",
        "Update group",
    ]
    assert [target["type"] for target in audits[0]["targetResources"]] == ["User", "Group"]
    (change,) = audits[1]["targetResources"][0]["modifiedProperties"]
    assert (change["displayName"], change["newValue"]) == ("Department", '["監査室"]')
    assert audits[-1]["targetResources"][0]["groupType"] in ("unifiedGroups", "azureAD")


def test_policies_and_roles_leave_the_audits_of_entra(sandbox: Sandbox) -> None:
    admin = sandbox.admin
    places, _page = sandbox.read("/identity/conditionalAccess/namedLocations")
    roles, _page = sandbox.read("/roleManagement/directory/roleDefinitions")
    user = min(sandbox.alive())
    admin.patch("named_locations", places[0]["id"], {"displayName": "HQ"})
    assignment = {
        "id": "A" * 22 + "-1",
        "principalId": user,
        "roleDefinitionId": roles[-2]["id"],
        "directoryScopeId": "/",
    }
    admin.create("role_assignments", assignment)
    admin.delete("role_assignments", assignment["id"])
    audits = _audits_of(sandbox, count=3)
    assert [(audit["category"], audit["activityDisplayName"]) for audit in audits] == [
        ("Policy", "Update named location"),
        ("RoleManagement", "Add member to role"),
        ("RoleManagement", "Remove member from role"),
    ]
    assert audits[1]["targetResources"][1]["displayName"] == roles[-2]["displayName"]


def test_what_was_ever_true_is_told_by_object(sandbox: Sandbox) -> None:
    group = sandbox.get("/groups?$top=2").json()["value"][1]["id"]
    edge = next(key for key in sandbox.admin.journal("members")["objects"] if key.startswith(group))
    sandbox.admin.patch("groups", group, {"description": "first"})
    sandbox.admin.delete("groups", group)
    sandbox.admin.restore("groups", group)
    told = [state for _wall, state in sandbox.admin.lives("groups", select=["description"])[group]]
    assert told[-3:] == [{"description": "first"}, None, {"description": "first"}]
    assert [state is None for _wall, state in sandbox.admin.lives("members")[edge]][-2:] == [
        True,
        False,
    ]
    walls = [wall for wall, _state in sandbox.admin.lives("groups")[group]]
    assert walls == sorted(walls)
    with pytest.raises(SandboxError, match="only the present"):
        sandbox.admin.lives("sign_ins")


def test_tenants_live_apart(sandbox: Sandbox) -> None:
    other = sandbox.ready["tenants"][1]
    journal = sandbox.admin.journal("users", other["tenantId"], select=["displayName"])
    sandbox.admin.life(20)
    assert sandbox.admin.journal("users", other["tenantId"], select=["displayName"]) == journal
    mine = sandbox.admin.journal("users", select=["id"])["objects"]
    assert set(mine).isdisjoint(journal["objects"])
