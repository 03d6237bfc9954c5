"""Calls: how long each was, who called it, and whether a screen was shown."""

from fractions import Fraction

from tests.truth.world import Figures, World, at, rounded


def recount(world: World) -> Figures:
    rows = {row["id"]: row for row in world.answered("meetings")}
    calls = {one["id"]: one for one in world.has("call_records") if one["id"] in rows}
    minutes = {
        own: rounded(Fraction((at(one["endDateTime"]) - at(one["startDateTime"])).total_seconds()) / 60, 1)
        for own, one in calls.items()
    }  # fmt: skip
    yield "minutes", {own: row["duration_minutes"] for own, row in rows.items()}, minutes
    shown = {own: "videoBasedScreenSharing" in one["modalities"] for own, one in calls.items()}
    yield "screens", {own: row["screen_shared"] for own, row in rows.items()}, shown
    there: dict[str, int] = {}
    for own in sorted(rows)[:3]:
        path = f"communications/callRecords/{own}/participants_v2"
        there[own] = len(world.told.objects(path))
    yield "participants", {own: rows[own]["participant_count"] for own in there}, there
