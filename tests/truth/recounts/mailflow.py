"""Mail flow: whence and whither, and how much."""

from collections import Counter
from fractions import Fraction

from tests.truth.world import Figures, Row, World, rounded, settled, told_mail

_WAYS = {(1, 1): "internal", (1, 0): "outbound", (0, 1): "inbound", (0, 0): "transit"}


def _way(row: Row, own: set[str]) -> str:
    ours, theirs = (row[name].partition("@")[2] in own for name in ("senderAddress", "recipientAddress"))  # fmt: skip
    return _WAYS[ours, theirs]


def recount(world: World) -> Figures:
    told, own = told_mail(world), {one["id"] for one in world.has("domains")}
    rows = settled(world, "mailflow", "received_at", "status")
    ways = Counter((row["status"], row["event_type"]) for row in rows)
    yield "ways", ways, Counter((one["status"], _way(one, own)) for one in told)
    sizes = sorted(row["size_kb"] for row in rows)
    yield "sizes", sizes, sorted(rounded(Fraction(one["size"], 1024)) for one in told)
