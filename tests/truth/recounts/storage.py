"""Drives: how much of each is used, what is left, and how many files it has."""

from fractions import Fraction

from tests.truth.world import Figures, World, rounded

_GB = 1 << 30


def recount(world: World) -> Figures:
    rows = world.answered("storage")
    lines = {one["Owner Principal Name"]: one for one in world.lines("getOneDriveUsageAccountDetail(period='D7')")}  # fmt: skip
    used = {own: int(one["Storage Used (Byte)"]) for own, one in lines.items()}
    whole = {own: int(one["Storage Allocated (Byte)"]) for own, one in lines.items()}
    yield "used", {row["email"]: row["storage_used_gb"] for row in rows}, {own: rounded(Fraction(size, _GB)) for own, size in used.items()}  # fmt: skip
    left = {own: rounded(Fraction(whole[own] - size, _GB)) for own, size in used.items()}
    yield "left", {row["email"]: row["storage_left_gb"] for row in rows}, left
    files = sum(int(one["File Count"]) for one in lines.values())
    yield "files", sum(row["file_count"] for row in rows), files
