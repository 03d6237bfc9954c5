"""What licences cost: prices that were imported, as they are in force at an instant.

A price is one of a unit and a month. Units are those that are assigned; free plans cost nothing, and what
is not assigned to anybody costs nothing here. A sum is told of all licences that are in use or of none:
where one has no price, or prices are in several currencies, how many lack one is told instead.
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Double,
    Numeric,
    Subquery,
    case,
    cast,
    func,
    select,
)
from sqlalchemy import Text as TextType
from sqlalchemy.dialects.postgresql import distinct_on

from shared.catalog.expressions import counted
from shared.catalog.skus import FREE_PART_NUMBER
from shared.catalog.table import Col, col
from shared.core.report import Sources
from shared.core.text import Text

YEN = "JPY"


def prices(s: Sources, at: ColumnElement[datetime]) -> Subquery:
    """Return `sku_id`, `monthly_unit_price` and `currency` of each price that is in force at `at` (UTC): the
    one whose first day came last."""
    price = s.entity("license_prices").c
    day = cast(func.timezone("UTC", at), Date)
    return (
        select(price.sku_id, price.monthly_unit_price, price.currency)
        .where(price.applies_from <= day)
        .ext(distinct_on(price.sku_id))
        .order_by(price.sku_id, price.applies_from.desc())
        .subquery()
    )


def cost_of(units: ColumnElement[int], price: ColumnElement[float]) -> ColumnElement[float]:
    """Return what so many units cost a month, two decimals; null without a price."""
    return cast(func.round(counted(units) * cast(price, Numeric), 2), Double())


def monthly_cost(then: Sources, prices_of: Sources, at: ColumnElement[datetime]) -> Subquery:
    """Return one row: what the licences that `then` were in use cost a month by the prices at `at`.

    `amount` and `currency`, both null if that is not known of all of them; `unpriced` licences in use.
    All are null where no licence is known.
    """
    skus, price = then.entity("subscribed_skus"), prices(prices_of, at)
    sku, told = skus.c, price.c
    is_free = sku.sku_part_number.regexp_match(FREE_PART_NUMBER, flags="i")
    used = counted(sku.consumed_units)
    # Of unknown units nobody can say that they cost nothing.
    counts = ~func.coalesce(is_free, False) & (func.coalesce(used, 1) > 0)
    lacks = func.count().filter(counts & (told.monthly_unit_price * used).is_(None))
    one = func.count(told.currency.distinct()).filter(counts) == 1
    amount = func.sum(used * cast(told.monthly_unit_price, Numeric)).filter(counts)
    whole = (lacks == 0) & one
    return (
        select(
            cast(case((whole, func.round(amount, 2))), Double()).label("amount"),
            case((whole, func.max(told.currency, type_=TextType).filter(counts))).label("currency"),
            cast(case((func.count() > 0, lacks)), BigInteger).label("unpriced"),
        )
        .select_from(skus.outerjoin(price, told.sku_id == func.lower(sku.sku_id)))
        .subquery()
    )


def in_yen(cost: Subquery) -> ColumnElement[float]:
    """Return the amount if it is one of yen."""
    return case((cost.c.currency == YEN, cost.c.amount))


def cost_columns(is_whole: ColumnElement[bool], cost: Subquery) -> tuple[Col, ...]:
    """Return the columns on money in the row of which `is_whole` is true: licences bundle services."""

    def of_whole(value: ColumnElement[float]) -> ColumnElement[float]:
        return case((is_whole, value))

    return (
        col("cost_amount", of_whole(cost.c.amount), Text("Cost", "コスト")),
        col("cost_currency", case((is_whole, cost.c.currency)), Text("Currency", "通貨")),
        col(
            "unpriced_licences",
            case((is_whole, cost.c.unpriced)),
            Text("Licences without a price", "単価未登録のライセンス数"),
        ),
    )
