"""Which licences are bought, used and left over."""

from sqlalchemy import Boolean, ColumnElement, case, func, type_coerce

from shared.catalog import words
from shared.catalog.expressions import above_zero, counted, percent
from shared.catalog.labels import CAPABILITY, LICENCE_USE
from shared.catalog.licence_prices import cost_of, prices
from shared.catalog.licence_units import level_of_use, subscriptions_by_sku, usable_units
from shared.catalog.skus import FREE_PART_NUMBER, PRODUCT_NAMES
from shared.catalog.table import COUNT, SUM, Table, col, report_table, share
from shared.core.report import Chart, PowerShellFile, Report, Sources
from shared.core.report_parameters import UNUSED_LICENCES
from shared.core.text import Text

_PRICE, _COST = Text("Monthly unit price", "月額単価"), Text("Monthly cost", "月額コスト")
_REVIEW = Text("Review: many unused", "見直し推奨 (未使用多数)")
_USAGE = share("assigned_quantity", "purchased_quantity")
_FREE = Text("Free or viral", "無料・セルフサービス")
_CAPABILITY = Text("State at Microsoft", "サブスクリプション状態")


@report_table
def _license(s: Sources) -> Table:
    skus = s.entity("subscribed_skus")
    sku, bought = skus.c, subscriptions_by_sku(s)
    deal, part_number = bought.c, sku.sku_part_number
    priced = prices(s, s.as_of)
    price, own_price = priced.c.monthly_unit_price, priced.c.sku_id == func.lower(sku.sku_id)
    name = case(PRODUCT_NAMES, value=part_number, else_=part_number)
    usable = usable_units(sku.enabled_units, sku.warning_units)
    left = usable - counted(sku.consumed_units)
    usage = percent(sku.consumed_units, usable)
    is_free = part_number.regexp_match(FREE_PART_NUMBER, flags="i")
    review = left > s.parameter(UNUSED_LICENCES)
    review &= ~is_free & _for_people(sku.applies_to, deal.is_trial)
    return Table(
        skus.outerjoin(bought, deal.sku_id == sku.sku_id).outerjoin(priced, own_price),
        col("license_name", name, Text("Licence", "ライセンス名")),
        col("sku_id", sku.sku_id, Text("SKU id", "SKU ID")),
        col("sku_part_number", part_number, Text("SKU", "SKU")),
        col("purchased_quantity", usable, Text("Usable", "総数"), total=SUM),
        col("assigned_quantity", sku.consumed_units, Text("Assigned", "使用中"), total=SUM),
        col("available_quantity", above_zero(left), Text("Available", "未使用"), total=SUM),
        col("usage_rate", usage, words.USAGE_RATE, total=_USAGE),
        col("monthly_unit_price", price, _PRICE),
        col("monthly_cost", cost_of(sku.consumed_units, price), _COST),
        col("status", level_of_use(s, usage), words.STATUS, labels=LICENCE_USE),
        col("id", sku.id, words.ID),
        col("review_recommended", review, _REVIEW, total=COUNT),
        col("over_assigned_quantity", above_zero(-left), Text("Over-assigned", "超過割り当て数")),
        col("expires_at", deal.expires_at, Text("Next renewal or expiry", "有効期限")),
        col("is_trial", deal.is_trial, Text("Trial", "試用版")),
        col("capability_status", sku.capability_status, _CAPABILITY, labels=CAPABILITY),
        col("enabled_quantity", sku.enabled_units, Text("Enabled", "有効数")),
        col("warning_quantity", sku.warning_units, Text("In grace period", "猶予期間中")),
        col("suspended_quantity", sku.suspended_units, Text("Suspended", "停止中")),
        col("locked_out_quantity", sku.locked_out_units, Text("Locked out", "ロックアウト数")),
        col("applies_to", sku.applies_to, Text("Applies to", "適用対象")),
        col("is_free", type_coerce(is_free, Boolean()), _FREE),
        col("currency", priced.c.currency, Text("Currency", "通貨")),
        col("subscription_states", deal.states, Text("States of subscriptions", "契約の状態")),
    )


def _for_people(target: ColumnElement[str], trial: ColumnElement[bool]) -> ColumnElement[bool]:
    """A licence of the target class Company is assigned to nobody, and a trial costs nothing."""
    return (func.coalesce(target, "User") != "Company") & ~func.coalesce(trial, False)


REPORT = Report(
    title=Text("Licence analysis", "ライセンス分析"),
    description=Text(
        "Each licence with usable, assigned and unused units, usage rate and expiry. Units in their "
        "grace period count as usable; suspended and locked-out ones do not. The cost is that of assigned "
        "units by the imported price in force, in its currency.",
        "ライセンスごとの利用可能数、割り当て数、未使用数、利用率、有効期限。"
        "猶予期間中のユニットは利用可能数に含め、停止中とロックアウトは含めません。月額コストはインポートした単価による"
        "割り当て済みユニットの金額で、通貨は単価の通貨です。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/subscribedsku",
    table=_license,
    order=("license_name",),
    chart=Chart(kind="bar", across="license_name", up=("purchased_quantity", "assigned_quantity")),
    powershell=PowerShellFile(
        path="Analysis/License/LicenseAnalysis",
        en="license_name, sku_id, purchased_quantity, assigned_quantity, available_quantity, "
        "usage_rate, monthly_unit_price, monthly_cost, status",
        ja="license_name, sku_part_number, purchased_quantity, assigned_quantity, "
        "available_quantity, usage_rate, monthly_cost, status",
    ),
)
