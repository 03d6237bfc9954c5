"""Costs: what is bought, has nobody or is not used, by licence, department and account, to the cent."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal

from shared.core import clock
from tests.truth.lives import PRICES
from tests.truth.world import Figures, Row, World, at

# What costs nothing of all that a sandbox sells.
_FREE = {"FLOW_FREE", "POWER_BI_STANDARD", "TEAMS_EXPLORATORY", "WINDOWS_STORE"}


def recount(world: World) -> Figures:
    rows = {row["id"]: row for row in world.answered("costs")}
    every = world.told.objects("subscribedSkus")
    price = {one["skuId"]: Decimal(PRICES[n % len(PRICES)]) for n, one in enumerate(every)}
    skus = [one for one in every if one["skuPartNumber"] not in _FREE]
    sold = world.told.objects("directory/subscriptions")
    trials = {one["skuId"] for one in sold if one["isTrial"]}
    idle, paid = idle_accounts(world), {one["skuId"] for one in skus}
    seats = [
        (user, one["skuId"])
        for user in world.has("users")
        for one in user["assignedLicenses"]
        if one["skuId"] in paid
    ]
    told, counted = {}, {}
    for sku in skus:
        own, row = sku["skuId"], rows[f"licence/{sku['id']}"]
        units = max(sku["prepaidUnits"]["enabled"], 0) + max(sku["prepaidUnits"]["warning"], 0)
        left = max(units - sku["consumedUnits"], 0)
        given = sum(idle[user["id"]] is True for user, held in seats if held == own)
        if own not in trials and sku["appliesTo"] == "User":
            names = ("monthly_cost", "idle_cost", "reassignable_cost", "reducible_cost")
            told[own] = [row[name] for name in names]
            counted[own] = [cents(n * price[own]) for n in (units, left, given, left + given)]
    yield "licences", told, counted
    yield from holders("department", rows, price, seats, lambda user: user["department"] or "")
    unused = [(user, sku) for user, sku in seats if idle[user["id"]]]
    yield from holders("account", rows, price, unused, lambda user: user["id"])


def holders(
    kind: str,
    rows: dict[str, Row],
    price: dict[str, Decimal],
    seats: Iterable[tuple[Row, str]],
    whose: Callable[[Row], str],
) -> Figures:
    found: dict[str, list[Decimal]] = defaultdict(list)
    for user, sku in seats:
        found[f"{kind}/{whose(user)}"].append(price[sku])
    own = {key: row for key, row in rows.items() if row["kind"] == kind}
    told = {key: (row["seats"], row["monthly_cost"]) for key, row in own.items()}
    yield (
        kind,
        told,
        {key: (len(all_), cents(sum(all_, Decimal(0)))) for key, all_ in found.items()},
    )


def cents(amount: Decimal) -> float:
    return float(amount.quantize(Decimal("0.01")))


def idle_accounts(world: World) -> dict[str, bool | None]:
    """Whether each account is not in use; None where nobody knows."""
    seen = {one["id"]: one["signInActivity"] for one in world.has("sign_in_activity")}
    found: dict[str, bool | None] = {}
    for user in world.has("users"):
        own, used = user["id"], seen.get(user["id"]) or {}
        last = used.get("lastSuccessfulSignInDateTime")
        young = (clock.now() - at(user["createdDateTime"])).days <= 30
        late = last is None or (clock.now() - at(last)).days > 90
        found[own] = True if not user["accountEnabled"] else late and not young
        if own not in seen and user["accountEnabled"] and not young:
            found[own] = None
    return found
