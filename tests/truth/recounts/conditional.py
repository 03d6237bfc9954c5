"""Conditional Access: the state of each policy, how many applications it names, and at which risk."""

from tests.truth.world import Figures, Row, World, at


def _named(policy: Row) -> int | None:
    named: list[str] = policy["conditions"]["applications"]["includeApplications"]
    if any(one.startswith("All") or one in ("Office365", "MicrosoftAdminPortals") for one in named):
        return None
    return sum(one != "None" for one in named)


def _risks(conditions: Row) -> str | None:
    return ", ".join([*conditions["signInRiskLevels"], *conditions["userRiskLevels"]]) or None


def recount(world: World) -> Figures:
    rows, held = world.answered("conditional"), world.has("conditional_access_policies")
    told = {row["id"]: (row["status"], row["application_count"]) for row in rows}
    yield "policies", told, {one["id"]: (one["state"], _named(one)) for one in held}
    risks = {row["id"]: row["risk_level"] for row in rows}
    yield "risks", risks, {one["id"]: _risks(one["conditions"]) for one in held}
    told_at = {row["id"]: row["created_at"] for row in rows}
    yield "created", told_at, {one["id"]: at(one["createdDateTime"]) for one in held}
