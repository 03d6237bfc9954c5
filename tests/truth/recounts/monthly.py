"""The month: active users, the share of the licences, what was done, and the storage in use."""

from fractions import Fraction

from tests.truth.world import SERVICES, Figures, World, rounded

_STORED = {
    "exchange": "getMailboxUsageStorage(period='D7')",
    "onedrive": "getOneDriveUsageStorage(period='D7')",
}


def recount(world: World) -> Figures:
    rows = {row["id"]: row for row in world.answered("monthly")}
    [month] = world.told.lines("getOffice365ServicesUserCounts(period='D30')")
    names = {**SERVICES, "m365": "Office 365"}
    active = {own: int(month[f"{name} Active"]) for own, name in names.items()}
    idle = {own: int(month[f"{name} Inactive"]) for own, name in names.items()}
    yield "active", {own: row["monthly_active_users"] for own, row in rows.items()}, active
    shares = {own: rounded(Fraction(100 * active[own], active[own] + idle[own])) for own in names}
    yield "shares", {own: row["roi_score"] for own, row in rows.items()}, shares
    done = {own: world.told.done(own, 30) for own in SERVICES}
    done["m365"] = sum(done.values())
    yield "activities", {own: row["total_activity_count"] for own, row in rows.items()}, done
    for own, report in _STORED.items():
        newest = max(world.told.lines(report), key=lambda line: line["Report Date"])
        size = rounded(Fraction(int(newest["Storage Used (Byte)"]), 1 << 30))
        yield own, rows[own]["storage_used_gb"], size
