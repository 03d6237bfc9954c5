"""Guests: whether they came and come, and what they can reach, counted from the memberships."""

from collections import Counter

import pytest
from sqlalchemy import Engine

from tests.catalog.reports.answers import TENANT, days_ago, rows
from tests.catalog.reports.simulated import SEEDS, Stored, simulated, told
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack


def guest(own: str, **more: object) -> Object:
    return {"id": own, "user_type": "Guest", "account_enabled": True, "display_name": own, **more}


def test_a_guest_reaches_groups_teams_and_roles(engine: Engine) -> None:
    users: list[Object] = [
        guest(
            "ann",
            mail="ann@Fabrikam.example",
            external_user_state="Accepted",
            created_at=days_ago(400),
        ),
        guest("ben", user_principal_name="ben_b_adatum.example#EXT#@contoso.example"),
        guest("cho", user_type="guest", external_user_state="PendingAcceptance"),
        {"id": "own", "user_type": "Member"},
    ]
    collect(engine, TENANT, "users", users)
    unknown = rows(engine, "guests")["ann"]
    assert (unknown["group_count"], unknown["role_count"]) == (None, None), "nothing was read"
    groups: list[Object] = [
        {"id": "g1", "display_name": "Sales", "resource_provisioning_options": ["Team"]},
        {"id": "g2", "display_name": "Admins", "resource_provisioning_options": []},
        {"id": "g9"},
    ]
    collect(engine, TENANT, "groups", groups)
    members: list[Object] = [
        {"id": "g1/ann", "member_id": "ann"},
        {"id": "g2/ann", "member_id": "ann"},
        {"id": "g9/ben", "member_id": "ben"},
        {"id": "g1/own", "member_id": "own"},
    ]
    collect(engine, TENANT, "members", members)
    collect(engine, TENANT, "role_definitions", [{"id": "r1", "display_name": "Reader"}])
    held: list[Object] = [
        {"id": "1", "principal_id": "g2", "role_definition_id": "r1"},
        {"id": "2", "principal_id": "ann", "role_definition_id": "r1"},
    ]
    collect(engine, TENANT, "role_assignments", held)
    eligible: Object = {"id": "3", "principal_id": "ben", "role_definition_id": "r2"}
    collect(engine, TENANT, "role_eligibilities", [eligible])
    seen = {"id": "ann", "last_successful_sign_in_at": days_ago(200)}
    collect(engine, TENANT, "sign_in_activity", [seen])
    found = rows(engine, "guests")
    shown = ("home_domain", "group_count", "teams", "groups", "role_count", "roles")
    assert {own: tuple(row[name] for name in shown) for own, row in found.items()} == {
        "ann": ("fabrikam.example", 2, "Sales", "Admins, Sales", 1, "Reader"),
        "ben": ("adatum.example", 1, None, "g9", 1, "r2"),
        "cho": (None, 0, None, None, 0, None),
    }
    assert (found["ann"]["activity_status"], found["ann"]["inactive_days"]) == ("stale", 200)
    assert found["cho"]["invitation_state"] == "PendingAcceptance"


@pytest.mark.parametrize("seed", SEEDS)
def test_the_figures_are_those_of_the_directory(app_engine: Engine, seed: int) -> None:
    tenant, store = simulated(seed, users=250), Stored(app_engine)
    users, groups = told(tenant, "users"), told(tenant, "groups")
    edges = {
        row["id"]: [
            {"@odata.type": "#microsoft.graph.user", "id": member}
            for member in tenant.memberships.members(row["id"])
        ]
        for row in groups
    }
    roles = told(tenant, "role_assignments")
    store.keep("users", users)
    store.keep("groups", groups)
    store.keep_below("members", edges)
    store.keep("role_assignments", roles)
    found = rows(app_engine, "guests", tenant=store.tenant_id)
    guests = {row["id"] for row in users if row["userType"] == "Guest"}
    assert set(found) == guests != set()
    teams = {row["id"] for row in groups if "Team" in row["resourceProvisioningOptions"]}
    reached = Counter(edge["id"] for group in edges for edge in edges[group])
    in_teams = Counter(edge["id"] for group in teams for edge in edges[group])
    stated = {own: (row["group_count"], row["team_count"]) for own, row in found.items()}
    assert stated == {own: (reached[own], in_teams[own]) for own in guests}
    assert sum(reached[own] for own in guests) > len(guests), "some are in a team's group"
    held = {(row["principalId"], row["roleDefinitionId"]) for row in roles}
    through = {(e["id"], role) for who, role in held for e in edges.get(who, ())}
    assert {own: row["role_count"] for own, row in found.items()} == {
        own: len({role for who, role in held | through if who == own}) for own in guests
    }
