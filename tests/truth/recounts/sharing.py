"""Shares: links by whom they let in, and how many may write, in drives of people and of sites."""

from collections import Counter
from collections.abc import Iterator

from tests.truth.world import Figures, Row, World

_PLACES = {"onedrive": "drive_item_permissions", "site": "site_drive_item_permissions"}


def given(world: World) -> Iterator[tuple[str, Row]]:
    """What was given by whoever shares: place and permission."""
    for place, log in _PLACES.items():
        for one in world.has(log):
            scope = one.get("link", {}).get("scope")
            if (
                one["roles"] != ["owner"]
                and "inheritedFrom" not in one
                and scope != "existingAccess"
            ):
                yield place, one


def recount(world: World) -> Figures:
    rows = world.answered("sharing")
    links = Counter((row["place"], row["link_scope"]) for row in rows)
    counted = Counter((place, one.get("link", {}).get("scope")) for place, one in given(world))
    yield "links", links, counted
    writes = Counter(row["place"] for row in rows if row["access_permission"] == "edit")
    yield "writing", writes, Counter(place for place, one in given(world) if "write" in one["roles"])  # fmt: skip
