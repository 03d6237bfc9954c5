"""Policies of Teams: how many people each is for."""

from collections import defaultdict

from tests.truth.world import Figures, World


def recount(world: World) -> Figures:
    people = [one for one in world.has("teams_user_configurations") if one["accountType"] == "user"]
    holders: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in people:
        for one in row["effectivePolicyAssignments"]:
            holders[one["policyType"], one["policyAssignment"]["displayName"]].add(row["id"])
    told, counted = {}, {}
    for row in world.answered("teamssettings"):
        if row["is_tenant_wide"]:
            continue
        kind, _, name = row["id"].partition("/")[2].partition("-")
        others = set().union(*(held for (of, _), held in holders.items() if of == kind))
        told[row["id"]] = row["target_users_count"]
        counted[row["id"]] = len(people) - len(others) if name == "Global" else len(holders[kind, name])  # fmt: skip
    yield "people", told, counted
