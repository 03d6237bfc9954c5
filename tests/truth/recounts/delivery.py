"""Deliveries: what became of messages, and how large they are."""

from collections import Counter
from itertools import pairwise

from tests.truth.world import Figures, World, settled, told_mail

_KB, _MB = 1024, 1024 * 1024
_SIZES = {"below_1_kb": -1, "to_100_kb": _KB - 1, "to_1_mb": 100 * _KB, "to_10_mb": _MB}


def _class(size: int) -> str:
    if size > 10 * _MB:
        return "above_10_mb"
    bounds = [*_SIZES.items(), ("", 10 * _MB)]
    return next(name for (name, low), (_, high) in pairwise(bounds) if low < size <= high)


def recount(world: World) -> Figures:
    told = told_mail(world)
    rows = settled(world, "delivery", "sent_at", "delivery_status")
    yield "statuses", Counter(row["delivery_status"] for row in rows), Counter(one["status"] for one in told)  # fmt: skip
    sizes = Counter(row["size_class"] for row in rows)
    yield "sizes", sizes, Counter(_class(one["size"]) for one in told)
    failed = {f"{one['id']}/{one['recipientAddress']}" for one in told if one["status"] == "failed"}
    yield "failed", {row["id"] for row in rows if row["latest_event"] == "Fail"}, failed
