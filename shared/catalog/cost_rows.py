"""The rows of the report on costs: what each licence costs, each department, each account that nobody uses.

A seat is one licence of one account; free plans are none. The account is idle if it is disabled, or was not
used for so long that it is to be reviewed: its seats can be given to others. What is bought is paid for, used
or not. Amounts are reckoned in decimals and rounded to two once, at the end; a sum is told where all of its
seats have prices of one currency, else how many lack one.
"""

from functools import partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    FromClause,
    Numeric,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy import (
    Text as TextType,
)

from shared.catalog import words
from shared.catalog.activity import activity_status, unused_days
from shared.catalog.expressions import above_zero, counted, items
from shared.catalog.licence_prices import prices
from shared.catalog.licence_units import subscriptions_by_sku, usable_units
from shared.catalog.skus import FREE_PART_NUMBER, PRODUCT_NAMES
from shared.catalog.table import Col, Table, col, nothing
from shared.core.report import Sources
from shared.core.text import Text

_ANONYMOUS = "a number of seats, or what they cost, names nobody"
_KINDS = {
    "licence": Text("Licence", "ライセンス"),
    "department": Text("Department", "部署"),
    "account": Text("Account not in use", "未使用のアカウント"),
}


def seats(s: Sources) -> FromClause:
    """Return a row a seat: whose, in which department, `is_idle` (null where nothing is known of its use),
    days unused, `sku_id`, and the price in force with its currency."""
    users, activity = s.entity("users"), s.entity("sign_in_activity")
    user, signed = users.c, activity.c
    sku, price = s.entity("subscribed_skus").c, prices(s, s.as_of)
    held = items(user.assigned_licenses, "$[*].skuId")
    state = activity_status(s, activity, user.created_at)
    idle = case((~user.account_enabled, True), else_=state != "normal")
    of_sku = func.lower(held.c.item)
    is_free = func.coalesce(sku.sku_part_number.regexp_match(FREE_PART_NUMBER, flags="i"), False)
    return (
        select(
            user.id.label("user_id"),
            user.display_name,
            user.user_principal_name,
            func.nullif(user.department, "", type_=TextType).label("department"),
            idle.label("is_idle"),
            unused_days(s.as_of, activity, user.created_at).label("unused_days"),
            of_sku.label("sku_id"),
            cast(price.c.monthly_unit_price, Numeric).label("price"),
            price.c.currency,
        )
        .select_from(
            users.outerjoin(activity, signed.id == user.id)
            .join(held, held.c.item.is_not(None))
            .outerjoin(sku.sku_id.table, func.lower(sku.sku_id) == of_sku)
            .outerjoin(price, price.c.sku_id == of_sku)
        )
        .where(~is_free)
        .cte()
    )


def _columns(**told: ColumnElement[Any]) -> tuple[Col, ...]:
    """The columns of all three lists; what one of them does not tell is null."""
    number = partial(col, personal=False, because=_ANONYMOUS)

    def value(name: str, kind: str) -> ColumnElement[Any]:
        return told.get(name, nothing(kind))  # type: ignore[arg-type]  # the kinds of a column

    return (
        col("kind", value("kind", "text"), Text("Kind", "種類"), labels=_KINDS),
        col("name", value("name", "text"), Text("Licence or department", "ライセンス・部署")),
        col("user_name", value("user_name", "text"), words.USER_NAME),
        col("user_principal_name", value("user_principal_name", "text"), words.UPN),
        col("department", value("department", "text"), words.DEPARTMENT),
        number("units", value("units", "int"), Text("Bought", "購入数")),
        number("seats", value("seats", "int"), Text("Assigned", "割り当て数")),
        number("unassigned", value("unassigned", "int"), Text("Not assigned", "未割り当て数")),
        number("reassignable", value("reassignable", "int"), _REASSIGNABLE),
        number("unknown_use", value("unknown_use", "int"), _UNKNOWN),
        number("unit_price", value("unit_price", "float"), Text("Monthly unit price", "月額単価")),
        col("currency", value("currency", "text"), Text("Currency", "通貨")),
        number("monthly_cost", value("monthly_cost", "float"), _COST),
        number("idle_cost", value("idle_cost", "float"), _IDLE),
        number("reassignable_cost", value("reassignable_cost", "float"), _GIVEN),
        number("reducible_cost", value("reducible_cost", "float"), _REDUCIBLE),
        col(
            "renews_at",
            value("renews_at", "timestamp"),
            Text("Next renewal or expiry", "次回更新日"),
        ),
        number(
            "unpriced", value("unpriced", "int"), Text("Seats without a price", "単価未登録の数")
        ),
        col("unused_days", value("unused_days", "int"), words.UNUSED_DAYS),
        col("id", value("id", "text"), words.ID),
    )


_REASSIGNABLE = Text("Assigned to accounts not in use", "未使用アカウントへの割り当て数")
_UNKNOWN = Text("Assigned, use not known", "利用状況が不明な割り当て数")
_COST = Text("Monthly cost", "月額コスト")
_IDLE = Text("of it not assigned", "未割り当て分のコスト")
_GIVEN = Text("of it for accounts not in use", "未使用アカウント分のコスト")
_REDUCIBLE = Text("Less a month from the next renewal", "次回更新で削減可能な月額")


def _amount(value: ColumnElement[Any]) -> ColumnElement[float]:
    return cast(func.round(cast(value, Numeric), 2), Double())


def licences(s: Sources, seat: FromClause) -> Table:
    """Each licence that is not free: what is bought of it is paid for."""
    skus, bought, price = s.entity("subscribed_skus"), subscriptions_by_sku(s), prices(s, s.as_of)
    sku, one = skus.c, price.c
    use = _use_by_licence(seat)
    units = usable_units(sku.enabled_units, sku.warning_units)
    # What is bought for the company as a whole is assigned to nobody, and a trial costs nothing.
    for_people = func.coalesce(sku.applies_to, "User") != "Company"
    left = case((for_people, above_zero(units - counted(sku.consumed_units))))
    nobody = case((_is_known(s), 0))
    given = case((use.c.sku_id.is_(None), nobody), else_=use.c.reassignable)
    price_of = case(
        (~func.coalesce(bought.c.is_trial, False), cast(one.monthly_unit_price, Numeric))
    )
    unpriced = case((one.monthly_unit_price.is_(None), units), else_=literal(0))
    key = func.lower(sku.sku_id)
    return Table(
        skus.outerjoin(bought, bought.c.sku_id == sku.sku_id)
        .outerjoin(price, one.sku_id == key)
        .outerjoin(use, use.c.sku_id == key),
        *_columns(
            kind=literal("licence"),
            name=case(PRODUCT_NAMES, value=sku.sku_part_number, else_=sku.sku_part_number),
            units=cast(units, BigInteger),
            seats=sku.consumed_units,
            unassigned=cast(left, BigInteger),
            reassignable=cast(given, BigInteger),
            unknown_use=cast(
                case((use.c.sku_id.is_(None), nobody), else_=use.c.unknown_use), BigInteger
            ),
            unit_price=one.monthly_unit_price,
            currency=one.currency,
            **_amounts(price_of, monthly=units, idle=left, reassignable=given),
            reducible_cost=_amount((left + given) * price_of),
            renews_at=bought.c.expires_at,
            unpriced=cast(unpriced, BigInteger),
            id=literal("licence/").concat(sku.id),
        ),
        where=~func.coalesce(sku.sku_part_number.regexp_match(FREE_PART_NUMBER, flags="i"), False),
    )


def _use_by_licence(seat: FromClause) -> Subquery:
    found = select(seat.c.sku_id, *(one.label(name) for name, one in _use(seat).items()))
    return found.group_by(seat.c.sku_id).subquery()


def _amounts(
    price: ColumnElement[Any], **units: ColumnElement[int]
) -> dict[str, ColumnElement[Any]]:
    """What so many units cost a month, each as the column `<name>_cost`."""
    return {f"{name}_cost": _amount(number * price) for name, number in units.items()}


def _is_known(s: Sources) -> ColumnElement[bool]:
    """Whether accounts are known at all: of none nobody can say that they use what they have."""
    return select(s.entity("users").c.id).exists()


def _use(seat: FromClause) -> dict[str, ColumnElement[Any]]:
    """How many seats are idle, null where of none of them anything is known, and of how many nothing is."""
    idle, known = func.count().filter(seat.c.is_idle), func.count(seat.c.is_idle)
    return {
        "reassignable": case((known > 0, idle)),
        "unknown_use": func.count() - known,
    }


def _sums(seat: FromClause) -> dict[str, ColumnElement[Any]]:
    """What some seats cost together, as far as all have prices of one currency."""
    lacks = func.count().filter(seat.c.price.is_(None))
    one = func.count(seat.c.currency.distinct()) == 1
    whole = (lacks == 0) & one
    idle, known = func.sum(seat.c.price).filter(seat.c.is_idle), func.count(seat.c.is_idle) > 0
    return {
        "seats": func.count(type_=BigInteger),
        **{name: cast(one, BigInteger) for name, one in _use(seat).items()},
        "currency": case((whole, func.max(seat.c.currency, type_=TextType))),
        "monthly_cost": _amount(case((whole, func.sum(seat.c.price)))),
        "reassignable_cost": _amount(case((and_(whole, known), func.coalesce(idle, 0)))),
        "unpriced": cast(lacks, BigInteger),
    }


def departments(seat: FromClause) -> Table:
    """Each department, and one row of the accounts that have none."""
    found = select(seat.c.department, *(one.label(name) for name, one in _sums(seat).items()))
    row = found.group_by(seat.c.department).subquery()
    return Table(
        row, *_columns(**_told(row, kind="department", name=row.c.department, key=row.c.department))
    )


def accounts(seat: FromClause) -> Table:
    """Each account with seats that is not in use."""
    whose = seat.c.user_id, seat.c.display_name, seat.c.user_principal_name, seat.c.department
    found = select(
        *whose, seat.c.unused_days, *(one.label(name) for name, one in _sums(seat).items())
    )
    row = found.where(seat.c.is_idle).group_by(*whose, seat.c.unused_days).subquery()
    told = _told(row, kind="account", key=row.c.user_id)
    told |= {
        "user_name": row.c.display_name,
        "user_principal_name": row.c.user_principal_name,
        "department": row.c.department,
        "unused_days": row.c.unused_days,
    }
    return Table(row, *_columns(**told))


def _told(
    row: Subquery, *, kind: str, key: ColumnElement[str], **more: ColumnElement[Any]
) -> dict[str, ColumnElement[Any]]:
    names = (
        "seats",
        "reassignable",
        "unknown_use",
        "currency",
        "monthly_cost",
        "reassignable_cost",
        "unpriced",
    )
    own = literal(f"{kind}/").concat(func.coalesce(key, ""))
    return {"kind": literal(kind), "id": own, **more, **{name: row.c[name] for name in names}}
