"""Owners of shares: what all of them share, by kind, in drives of people and of sites."""

from collections import Counter

from shared.core import clock
from tests.truth.recounts.sharing import given
from tests.truth.world import Figures, World, at


def recount(world: World) -> Figures:
    rows, now = world.answered("sharing_owners"), clock.now()
    told: Counter[tuple[str, str]] = Counter()
    for row in rows:
        told[row["place"], "anonymous"] += row["anonymous_count"]
        told[row["place"], "organization"] += row["organization_count"]
        told[row["place"], "over"] += row["closed_count"]
        told[row["place"], "all"] += row["share_count"] + row["closed_count"]
    counted: Counter[tuple[str, str]] = Counter()
    for place, one in given(world):
        scope, end = one.get("link", {}).get("scope"), one.get("expirationDateTime")
        over = end is not None and at(end) <= now
        counted[place, "all"] += 1
        counted[place, "over"] += over
        if scope in ("anonymous", "organization") and not over:
            counted[place, scope] += 1
    yield "shares", +told, +counted
