"""Use: who is licensed for a service, who used it, and how much was done."""

from datetime import date, timedelta
from fractions import Fraction

from tests.truth.world import SERVICES, Figures, World, rounded


def recount(world: World) -> Figures:
    rows = {row["id"]: row for row in world.answered("usage")}
    people = world.lines("getOffice365ActiveUserDetail(period='D7')")
    since = str(date.fromisoformat(people[0]["Report Refresh Date"]) - timedelta(days=30))
    for own, name in SERVICES.items():
        last = [one[f"{name} Last Activity Date"] for one in people if one[f"Has {name} License"] == "True"]  # fmt: skip
        active = sum(day > since for day in last)
        told = tuple(rows[own][each] for each in ("total_users", "active_users", "usage_rate"))
        yield own, told, (len(last), active, rounded(Fraction(100 * active, len(last))))
        yield f"{own}: done", rows[own]["monthly_activity_count"], world.told.done(own, 30)
