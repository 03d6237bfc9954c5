"""Services: the share of thirty days without an incident, and the issues that are open."""

from datetime import timedelta

from shared.core import clock
from tests.truth.world import Close, Figures, Row, World, at

_DAYS = timedelta(days=30)


def _free(issues: list[Row], service: str) -> float:
    """The share of the time in percent, incidents one after the other joined where they overlap."""
    now = clock.now()
    first, troubled = now - _DAYS, timedelta(0)
    covered = first
    mine = [one for one in issues if one["service"] == service and one["classification"] == "incident"]  # fmt: skip
    for one in sorted(mine, key=lambda each: at(each["startDateTime"])):
        ended = at(one["endDateTime"]) if one["endDateTime"] else now
        low, high = max(at(one["startDateTime"]), covered), min(ended, now)
        if high > low:
            troubled += high - low
            covered = high
    return 100 * (1 - troubled / _DAYS)


def recount(world: World) -> Figures:
    issues = world.has("issues")
    for row in world.answered("performance"):
        name = row["service_name"]
        yield name, row["uptime_percent"], Close(_free(issues, name), 0.02)
        still = [one for one in issues if one["service"] == name and not one["isResolved"]]
        yield f"open: {name}", row["open_issue_count"], len(still)
