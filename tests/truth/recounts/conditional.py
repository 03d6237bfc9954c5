"""Conditional Access: the state of each policy, and how many applications it names."""

from tests.truth.world import Figures, Row, World, at


def _named(policy: Row) -> int | None:
    named: list[str] = policy["conditions"]["applications"]["includeApplications"]
    if any(one.startswith("All") or one in ("Office365", "MicrosoftAdminPortals") for one in named):
        return None
    return sum(one != "None" for one in named)


def recount(world: World) -> Figures:
    rows, held = world.answered("conditional"), world.has("conditional_access_policies")
    told = {row["id"]: (row["status"], row["application_count"]) for row in rows}
    yield "policies", told, {one["id"]: (one["state"], _named(one)) for one in held}
    told_at = {row["id"]: row["created_at"] for row in rows}
    yield "created", told_at, {one["id"]: at(one["createdDateTime"]) for one in held}
