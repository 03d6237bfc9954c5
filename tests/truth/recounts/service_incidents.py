"""Issues: how long each was, and which are not over."""

from fractions import Fraction

from shared.core import clock
from tests.truth.world import Figures, World, at, rounded


def recount(world: World) -> Figures:
    rows, issues = world.answered("service_incidents"), world.has("issues")
    now = clock.now()
    over = {
        one["id"]: rounded(Fraction((at(one["endDateTime"]) - at(one["startDateTime"])).total_seconds()) / 3600)
        for one in issues if one["endDateTime"] and at(one["endDateTime"]) < now
    }  # fmt: skip
    told = {row["id"]: row["duration_hours"] for row in rows}
    yield "hours", {own: told[own] for own in over}, over
    yield "all", {row["id"]: row["post_count"] for row in rows}, {one["id"]: len(one["posts"]) for one in issues}  # fmt: skip
    still = {one["id"] for one in issues if not one["isResolved"]}
    yield "open", {row["id"] for row in rows if row["is_resolved"] is False}, still
