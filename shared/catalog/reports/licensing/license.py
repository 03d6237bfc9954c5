"""Which licences are bought, used and left over."""

from sqlalchemy import Select, case, func, select

from shared.catalog.expressions import above_zero, counted, nothing, percent
from shared.catalog.labels import CAPABILITY, LICENCE_USE
from shared.catalog.licence_units import subscriptions_by_sku, usable_units
from shared.catalog.skus import FREE_PART_NUMBER, PRODUCT_NAMES
from shared.core.report import LegacyFile, Report, Sources
from shared.core.report import ReportColumn as Column
from shared.core.text import Text

_NO_PRICE = Text(
    "Microsoft Graph does not publish prices.", "価格は Microsoft Graph から取得できません。"
)


def _query(sources: Sources) -> Select[tuple[object, ...]]:
    skus = sources.entity("subscribed_skus")
    sku = skus.c
    bought = subscriptions_by_sku(sources)
    usable = usable_units(sku.enabled_units, sku.warning_units)
    left = usable - counted(sku.consumed_units)
    usage = percent(sku.consumed_units, usable)
    is_free = sku.sku_part_number.regexp_match(FREE_PART_NUMBER, flags="i")
    # A licence of the target class Company is assigned to nobody.
    costs_idle = ~is_free & (func.coalesce(sku.applies_to, "User") != "Company")
    return select(
        case(PRODUCT_NAMES, value=sku.sku_part_number, else_=sku.sku_part_number).label(
            "license_name"
        ),
        sku.sku_id,
        sku.sku_part_number,
        usable.label("purchased_quantity"),
        sku.consumed_units.label("assigned_quantity"),
        above_zero(left).label("available_quantity"),
        usage.label("usage_rate"),
        nothing("float").label("monthly_unit_price"),
        nothing("float").label("monthly_cost"),
        case(
            (usage >= 95, "full"),
            (usage >= 80, "high"),
            (usage >= 50, "medium"),
            (usage >= 0, "low"),
        ).label("status"),
        sku.id,
        ((left > 10) & costs_idle & ~func.coalesce(bought.c.is_trial, False)).label(
            "review_recommended"
        ),
        above_zero(-left).label("over_assigned_quantity"),
        bought.c.expires_at,
        bought.c.is_trial,
        sku.capability_status,
        sku.enabled_units.label("enabled_quantity"),
        sku.warning_units.label("warning_quantity"),
        sku.suspended_units.label("suspended_quantity"),
        sku.locked_out_units.label("locked_out_quantity"),
        sku.applies_to,
        is_free.label("is_free"),
        bought.c.states.label("subscription_states"),
    ).select_from(skus.outerjoin(bought, bought.c.sku_id == sku.sku_id))


REPORT = Report(
    title=Text("Licence analysis", "ライセンス分析"),
    description=Text(
        "Each licence with usable, assigned and unused units, usage rate and expiry. Units in their "
        "grace period count as usable; suspended and locked-out ones do not.",
        "ライセンスごとの利用可能数、割り当て数、未使用数、利用率、有効期限。"
        "猶予期間中のユニットは利用可能数に含め、停止中とロックアウトは含めません。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/subscribedsku",
    needs=("subscribed_skus", "subscriptions"),
    columns=(
        Column("license_name", "text", "Licence", "ライセンス名"),
        Column("sku_id", "text", "SKU id", "SKU ID"),
        Column("sku_part_number", "text", "SKU", "SKU"),
        Column("purchased_quantity", "int", "Usable", "総数"),
        Column("assigned_quantity", "int", "Assigned", "使用中"),
        Column("available_quantity", "int", "Available", "未使用"),
        Column("usage_rate", "float", "Usage (%)", "使用率"),
        Column(
            "monthly_unit_price",
            "float",
            "Monthly unit price",
            "月額単価",
            unavailable=_NO_PRICE,
        ),
        Column(
            "monthly_cost",
            "float",
            "Monthly cost",
            "月額コスト",
            unavailable=_NO_PRICE,
        ),
        Column(
            "status",
            "text",
            "Status",
            "ステータス",
            labels=LICENCE_USE,
        ),
        Column("id", "text", "Id", "ID"),
        Column("review_recommended", "bool", "Review: over 10 unused", "見直し推奨 (未使用10超)"),
        Column("over_assigned_quantity", "int", "Over-assigned", "超過割り当て数"),
        Column("expires_at", "timestamp", "Next renewal or expiry", "有効期限"),
        Column("is_trial", "bool", "Trial", "試用版"),
        Column(
            "capability_status",
            "text",
            "State at Microsoft",
            "サブスクリプション状態",
            labels=CAPABILITY,
        ),
        Column("enabled_quantity", "int", "Enabled", "有効数"),
        Column("warning_quantity", "int", "In grace period", "猶予期間中"),
        Column("suspended_quantity", "int", "Suspended", "停止中"),
        Column("locked_out_quantity", "int", "Locked out", "ロックアウト数"),
        Column("applies_to", "text", "Applies to", "適用対象"),
        Column("is_free", "bool", "Free or viral", "無料・セルフサービス"),
        Column("subscription_states", "text", "States of subscriptions", "契約の状態"),
    ),
    legacy=LegacyFile(
        en=(
            "LicenseName license_name, SkuId sku_id, PurchasedQuantity purchased_quantity, "
            "AssignedQuantity assigned_quantity, AvailableQuantity available_quantity, "
            "UsageRate usage_rate, MonthlyUnitPrice monthly_unit_price, "
            "MonthlyCost monthly_cost, Status status"
        ),
        ja=(
            "ライセンス名 license_name, SKU sku_part_number, 総数 purchased_quantity, "
            "使用中 assigned_quantity, 未使用 available_quantity, 使用率 usage_rate, "
            "月額コスト monthly_cost, ステータス status"
        ),
    ),
    query=_query,
    row_key=("id",),
    order=("license_name",),
)
