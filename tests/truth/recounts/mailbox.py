"""Mailboxes: the size of each, its share of the limit, and how many items there are."""

from fractions import Fraction

from tests.truth.world import Figures, World, rounded

_MB = 1024 * 1024


def recount(world: World) -> Figures:
    rows = world.answered("mailbox")
    lines = {one["User Principal Name"]: one for one in world.lines("getMailboxUsageDetail(period='D7')")}  # fmt: skip
    used = {own: int(one["Storage Used (Byte)"]) for own, one in lines.items()}
    most = {own: int(one["Prohibit Send/Receive Quota (Byte)"]) for own, one in lines.items()}
    yield "items", sum(row["item_count"] for row in rows), sum(int(one["Item Count"]) for one in lines.values())  # fmt: skip
    sizes = {row["email"]: row["storage_used_mb"] for row in rows}
    yield "sizes", sizes, {own: rounded(Fraction(size, _MB)) for own, size in used.items()}
    shares = {row["email"]: row["usage_rate"] for row in rows}
    yield "shares", shares, {own: rounded(Fraction(100 * size, most[own])) for own, size in used.items()}  # fmt: skip
