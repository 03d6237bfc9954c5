"""Licences: how many units of each may be used and are, and what share that is."""

from fractions import Fraction

from tests.truth.world import Figures, World, rounded


def recount(world: World) -> Figures:
    rows = world.answered("license")
    skus = {one["skuId"]: one for one in world.told.objects("subscribedSkus")}
    units = {own: one["prepaidUnits"] for own, one in skus.items()}
    usable = {own: max(one["enabled"], 0) + max(one["warning"], 0) for own, one in units.items()}
    told = {row["sku_id"]: (row["purchased_quantity"], row["assigned_quantity"]) for row in rows}
    yield "units", told, {own: (usable[own], skus[own]["consumedUnits"]) for own in skus}
    left = {own: max(usable[own] - skus[own]["consumedUnits"], 0) for own in skus}
    yield "left", {row["sku_id"]: row["available_quantity"] for row in rows}, left
    share = {own: rounded(Fraction(100 * one["consumedUnits"], usable[own])) if usable[own] else None for own, one in skus.items()}  # fmt: skip
    yield "shares", {row["sku_id"]: row["usage_rate"] for row in rows}, share
