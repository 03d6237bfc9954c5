"""Roles: how many hold each and may activate it, members of groups one by one."""

from collections import Counter, defaultdict

from tests.truth.world import Figures, World


def recount(world: World) -> Figures:
    rows = world.answered("permission")
    names = {one["id"]: one["displayName"] for one in world.has("role_definitions")}
    members: defaultdict[str, list[str]] = defaultdict(list)
    for group, member in world.edges():
        members[group].append(member)
    held: Counter[tuple[str, str]] = Counter()
    for one in world.has("role_assignments"):
        for who in members[one["principalId"]] or [one["principalId"]]:
            held[names[one["roleDefinitionId"]], who] += 1
    eligible: Counter[str] = Counter()
    for one in world.has("role_eligibilities"):
        eligible[names[one["roleDefinitionId"]]] += len(members[one["principalId"]]) or 1
    given = [row for row in rows if row["held_as"] != "eligible"]
    yield "holders", Counter((row["admin_role"], row["principal_id"]) for row in given), held
    may = Counter(row["admin_role"] for row in rows if row["held_as"] == "eligible")
    yield "eligible", may, eligible
