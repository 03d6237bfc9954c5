"""The week: who used each service, what was done, and who is new."""

from datetime import date, timedelta

from shared.core import clock
from tests.truth.world import SERVICES, Figures, World, at


def recount(world: World) -> Figures:
    rows = {row["id"]: row for row in world.answered("weekly")}
    people = world.lines("getOffice365ActiveUserDetail(period='D7')")
    since = str(date.fromisoformat(people[0]["Report Refresh Date"]) - timedelta(days=7))
    for own, name in SERVICES.items():
        active = sum(one[f"{name} Last Activity Date"] > since for one in people)
        yield own, rows[own]["weekly_active_users"], active
        yield f"{own}: done", rows[own]["total_activity_count"], world.told.done(own, 7)
    week = clock.now() - timedelta(days=7)
    new = sum(at(one["createdDateTime"]) >= week for one in world.has("users"))
    yield "new", {row["new_user_count"] for row in rows.values()}, {new}
