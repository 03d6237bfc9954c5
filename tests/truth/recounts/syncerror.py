"""What cannot be synced: names that break a rule, and drives that are full."""

from collections import Counter

from tests.catalog.reports.test_sync_rules import breaks
from tests.truth.world import Figures, World


def recount(world: World) -> Figures:
    rows = [row for row in world.answered("syncerror") if row["source"] == "proxy"]
    items = [*world.has("drive_items"), *world.has("site_drive_items")]
    names = Counter(row["file_name"] for row in rows if row["error_type"] in ("name", "extension", "path"))  # fmt: skip
    yield "names", names, Counter(one["name"] for one in items if breaks(one))
    # Who has never opened his drive has none: 404.
    people = [one["id"] for one in world.has("users") if one["assignedLicenses"]]
    drives = world.each(f"/users/{own}/drive" for own in people)
    full = sum(drive["quota"]["state"] != "normal" for drive in drives)
    told = [row for row in rows if row["error_type"] == "quota" and row["place"] == "onedrive"]
    yield "full", len(told), full
