"""Guests: the groups and teams that each is a member of."""

from collections import Counter

from tests.truth.world import Figures, World


def recount(world: World) -> Figures:
    rows = world.answered("guests")
    guests = {one["id"] for one in world.has("users") if one["userType"] == "Guest"}
    teams = {one["id"] for one in world.has("groups") if "Team" in one["resourceProvisioningOptions"]}  # fmt: skip
    edges = world.edges()
    groups = Counter(member for _, member in edges)
    in_teams = Counter(member for group, member in edges if group in teams)
    told = {row["id"]: (row["group_count"], row["team_count"]) for row in rows}
    yield "groups and teams", told, {own: (groups[own], in_teams[own]) for own in guests}
