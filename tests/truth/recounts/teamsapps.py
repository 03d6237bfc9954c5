"""Teams apps: how often each is installed, in teams and for people."""

from collections import Counter

from tests.truth.world import Figures, World


def recount(world: World) -> Figures:
    rows = {row["id"]: row for row in world.answered("teamsapps")}
    # Of a team that is gone, though its group still tells of it, nobody is told anything.
    there = {one["id"] for one in world.has("teams")}
    teams = Counter(
        one["teamsApp"]["id"] for one in world.has("team_app_installs") if one["teamId"] in there
    )
    people = Counter(one["teamsApp"]["id"] for one in world.has("user_app_installs"))
    own = {one["id"] for one in world.has("teams_apps") if one["distributionMethod"] == "organization"}  # fmt: skip
    shown = teams.keys() | people.keys() | own
    number = {key: teams[key] + people[key] for key in shown}
    yield "installed", {key: row["installation_count"] for key, row in rows.items()}, number
    yield "in teams", sum(row["team_count"] or 0 for row in rows.values()), teams.total()
