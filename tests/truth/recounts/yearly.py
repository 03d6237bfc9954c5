"""The year: active users as Microsoft counts them, incidents, and the newest score of security."""

from datetime import timedelta

from shared.core import clock
from tests.truth.world import SERVICES, Close, Figures, World, at

_NAMES = {
    "exchange": "Exchange Online",
    "onedrive": "OneDrive for Business",
    "sharepoint": "SharePoint Online",
    "teams": "Microsoft Teams",
}


def recount(world: World) -> Figures:
    rows = {row["id"]: row for row in world.answered("yearly")}
    [month] = world.told.lines("getOffice365ServicesUserCounts(period='D30')")
    active = {own: int(month[f"{name} Active"]) for own, name in {**SERVICES, "m365": "Office 365"}.items()}  # fmt: skip
    yield "active", {own: row["active_30_days"] for own, row in rows.items()}, active
    since, issues = clock.now() - timedelta(days=365), world.has("issues")
    wrong = {
        own: sum(one["service"] == name and one["classification"] == "incident" and at(one["startDateTime"]) > since for one in issues)
        for own, name in _NAMES.items()
    }  # fmt: skip
    yield "incidents", {own: rows[own]["incident_count"] for own in wrong}, wrong
    days = world.told.objects("security/secureScores?$top=90")
    newest = max(days, key=lambda day: str(day["createdDateTime"]))
    score = 100 * newest["currentScore"] / newest["maxScore"]
    yield "score", rows["m365"]["security_score"], Close(score, 0.02)
