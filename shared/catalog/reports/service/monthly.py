"""How each service was used in a month, what it takes up, and how far its licences are used."""

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Subquery,
    case,
    cast,
    func,
    literal,
    select,
    true,
)

from shared.catalog import words
from shared.catalog.expressions import gibibytes, known_sum, percent
from shared.catalog.labels import RATING, SERVICE
from shared.catalog.licensed_use import published_use
from shared.catalog.service_activity import LACKS, activities
from shared.catalog.service_use import change, of_service, services
from shared.catalog.table import Table, absent, col, report_table
from shared.core.report import Chart, PowerShellFile, Report, Sources
from shared.core.report_parameters import (
    RATING_EXCELLENT_PERCENT,
    RATING_GOOD_PERCENT,
    RATING_IMPROVE_PERCENT,
)
from shared.core.text import Text

_ACTIVE = Text("Monthly active users", "月次アクティブユーザー数")
_CHANGE = Text("Change to the month before (%)", "先月比 (%)")
_STORAGE = Text("Storage used (GB)", "ストレージ使用量 (GB)")
_SCORE = Text("Licences in use (%)", "ROIスコア")
_COMPLIANCE = Text("Compliance (%)", "コンプライアンス率 (%)")
_NO_PRICES = Text(
    "Microsoft Graph has no prices, and none can be entered yet.",
    "Microsoft Graph に価格情報はなく、価格の登録にもまだ対応していません。",
)
_NO_SCORES = Text(
    "Microsoft Secure Score is not part of this report yet.",
    "Microsoft セキュア スコアはまだこのレポートに含まれていません。",
)

_LACKS = {
    dataset: Text(
        f"The storage of {name} is missing, also from the whole.",
        f"{name} のストレージが不足しており、全体にも含まれません。",
    )
    for dataset, name in (
        ("mailbox_storage", "Exchange"),
        ("onedrive_storage", "OneDrive"),
        ("sharepoint_storage", "SharePoint"),
    )
}


@report_table
def _monthly(s: Sources) -> Table:
    use = published_use(s.measures("service_user_counts"))
    before = published_use(s.measures("service_user_counts", back=30))
    done, stored = activities(s, literal(30)), _stored(s)
    each = services()
    service = each.c.id
    active, idle = of_service(service, use, "_active"), of_service(service, use, "_inactive")
    score = percent(active, active + idle)
    return Table(
        each.join(use, true()).join(before, true()).join(done, true()).join(stored, true()),
        col("service_name", service, Text("Service", "サービス名"), labels=SERVICE),
        col("monthly_active_users", active, _ACTIVE),
        col(
            "month_over_month_percent",
            change(active, of_service(service, before, "_active")),
            _CHANGE,
        ),
        col("total_activity_count", of_service(service, done), words.ACTIVITIES),
        col("storage_used_gb", gibibytes(of_service(service, stored)), _STORAGE),
        absent("cost", "float", Text("Cost (JPY)", "コスト (円)"), _NO_PRICES),
        col("roi_score", score, _SCORE),
        absent("compliance_rate_percent", "float", _COMPLIANCE, _NO_SCORES),
        col("rating", _rating(s, score), Text("Rating", "評価"), labels=RATING),
        col("id", service, words.ID),
        col("report_date", use.c.report_date, words.REPORT_DATE),
    )


def _stored(s: Sources) -> FromClause:
    """One row with the newest number of bytes of each service that stores any, and of all of them."""
    boxes = _of_all(s.measures("mailbox_storage"))
    drives, sites = _by_type(s, "onedrive_storage"), _by_type(s, "sharepoint_storage")
    parts = {"exchange": boxes.c.bytes, "onedrive": drives.c.bytes, "sharepoint": sites.c.bytes}
    whole = known_sum(*parts.values()).label("m365")
    columns = (part.label(name) for name, part in parts.items())
    source = boxes.join(drives, true()).join(sites, true())
    return select(*columns, whole).select_from(source).subquery()


def _of_all(row: FromClause) -> Subquery:
    return select(func.max(row.c.storage_used_bytes).label("bytes")).select_from(row).subquery()


def _by_type(s: Sources, dataset: str) -> Subquery:
    """Of several types of sites either the line of all of them or the sum of the others, never both."""
    row = s.measures(dataset)
    used, is_all = row.c.storage_used_bytes, func.lower(row.c.site_type) == "all"
    others = cast(func.sum(used).filter(func.coalesce(~is_all, True)), BigInteger)
    found = func.coalesce(func.max(used).filter(is_all), others)
    return select(found.label("bytes")).select_from(row).subquery()


def _rating(s: Sources, score: ColumnElement[float]) -> ColumnElement[str]:
    excellent, good = s.parameter(RATING_EXCELLENT_PERCENT), s.parameter(RATING_GOOD_PERCENT)
    improve = s.parameter(RATING_IMPROVE_PERCENT)
    return case(
        (score >= excellent, "excellent"),
        (score >= good, "good"),
        (score >= improve, "improve"),
        (score < improve, "poor"),
    )


REPORT = Report(
    title=Text("Monthly report", "月次レポート"),
    description=Text(
        "Per service the people whom Microsoft counts as active in the 30 days up to its newest file, "
        "against 30 days before, what they did, and the storage in use. Licences in use are active "
        "users of all licensed ones, not a return on money; the rating goes by them. What Teams stores lies "
        "in the other services.",
        "Microsoft の最新レポート日までの 30 日間のアクティブユーザー数、30 日前との比較、アクティビティ数、"
        "ストレージ使用量。ROIスコアはライセンス保有者に占めるアクティブユーザーの割合で、金銭的な収益率では"
        "ありません。評価はこの割合によります。Teams のデータは他のサービスに保存されます。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getoffice365servicesusercounts",
    table=_monthly,
    order=("-monthly_active_users",),
    lacks=LACKS | _LACKS,
    chart=Chart(kind="bar", across="service_name", up=("monthly_active_users",)),
    # The tool's English file had the same Japanese headers.
    powershell=PowerShellFile(
        en="サービス名 service_name, 月次アクティブユーザー数 monthly_active_users, "
        "先月比 (%) month_over_month_percent, 総アクティビティ数 total_activity_count, "
        "ストレージ使用量 (GB) storage_used_gb, コスト (円) cost, ROIスコア roi_score, "
        "コンプライアンス率 (%) compliance_rate_percent, 評価 rating",
        ja="service_name, monthly_active_users, month_over_month_percent, total_activity_count, "
        "storage_used_gb, cost, roi_score, compliance_rate_percent, rating",
    ),
)
