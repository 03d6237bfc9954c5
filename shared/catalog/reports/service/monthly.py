"""How each service was used in a month, what it takes up, and how far its licences are used."""

from sqlalchemy import case, literal

from shared.catalog import words
from shared.catalog.expressions import gibibytes, percent
from shared.catalog.labels import RATING, SERVICE
from shared.catalog.licence_prices import cost_columns, in_yen, monthly_cost
from shared.catalog.licensed_use import published_use
from shared.catalog.secure_score import compliance
from shared.catalog.service_activity import NO_ACTIVITIES, activities
from shared.catalog.service_rating import rating
from shared.catalog.service_storage import NO_STORAGE, stored
from shared.catalog.service_use import beside, change, of_service, services
from shared.catalog.table import Table, col, report_table
from shared.core.report import Chart, PowerShellFile, Report, Sources
from shared.core.text import Text

_ACTIVE = Text("Monthly active users", "月次アクティブユーザー数")
_CHANGE = Text("Change to the month before (%)", "先月比 (%)")
_STORAGE = Text("Storage used (GB)", "ストレージ使用量 (GB)")
_SCORE = Text("Licences in use (%)", "ROIスコア")
_COMPLIANCE = Text("Compliance (%)", "コンプライアンス率 (%)")
_COST = Text("Cost (JPY)", "コスト (円)")


@report_table
def _monthly(s: Sources) -> Table:
    use = published_use(s.measures("service_user_counts"))
    before = published_use(s.measures("service_user_counts", back=30))
    done, held, secure = activities(s, literal(30)), stored(s), compliance(s)
    each, cost = services(), monthly_cost(s, s, s.as_of)
    service = each.c.id
    whole = service == "m365"
    good = of_service(service, secure)
    active, idle = of_service(service, use, "_active"), of_service(service, use, "_inactive")
    score = percent(active, active + idle)
    return Table(
        beside(each, use, before, done, held, secure, cost),
        col("service_name", service, Text("Service", "サービス名"), labels=SERVICE),
        col("monthly_active_users", active, _ACTIVE),
        col(
            "month_over_month_percent",
            change(active, of_service(service, before, "_active")),
            _CHANGE,
        ),
        col("total_activity_count", of_service(service, done), words.ACTIVITIES),
        col("storage_used_gb", gibibytes(of_service(service, held)), _STORAGE),
        col("cost", case((whole, in_yen(cost))), _COST),
        col("roi_score", score, _SCORE),
        col("compliance_rate_percent", good, _COMPLIANCE),
        col("rating", rating(s, score, good), Text("Rating", "評価"), labels=RATING),
        col("id", service, words.ID),
        col("report_date", use.c.report_date, words.REPORT_DATE),
        *cost_columns(whole, cost),
    )


REPORT = Report(
    title=Text("Monthly report", "月次レポート"),
    description=Text(
        "Per service the people whom Microsoft counts as active in the 30 days up to its newest file, "
        "against 30 days before, what they did, and the storage in use; what Teams stores lies in the "
        "others. Licences in use are active users of all licensed ones, not a return on money. "
        "Compliance are the points of the newest secure score in percent of those there are for the "
        "service. The rating goes by the mean of both, or the one that is known. The cost is that of the "
        "licences in use by imported prices; it is told of all of them in one currency, or not. "
        "The tenant's figures beside those of the month before are in the report digest (preset month).",
        "Microsoft の最新レポート日までの 30 日間のアクティブユーザー数、30 日前との比較、アクティビティ数、"
        "ストレージ使用量。ROIスコアはライセンス保有者に占めるアクティブユーザーの割合で、金銭的な収益率では"
        "ありません。コンプライアンス率は最新のセキュア スコアでサービスに割り当てられた点数の達成率です。"
        "評価は両者の平均 (片方のみ判明している場合はその値) によります。"
        "Teams のデータは他のサービスに保存されます。コストはインポートした単価による割り当て済みライセンスの月額で、"
        "すべての単価が同じ通貨で判明している場合のみ表示します。"
        "前月との比較は digest レポート (プリセット month) にあります。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getoffice365servicesusercounts",
    table=_monthly,
    order=("-monthly_active_users",),
    lacks=NO_ACTIVITIES | NO_STORAGE,
    chart=Chart(kind="bar", across="service_name", up=("monthly_active_users",)),
    # The tool's English file had the same Japanese headers.
    powershell=PowerShellFile(
        path="Reports/Monthly/MonthlyReport",
        en="サービス名 service_name, 月次アクティブユーザー数 monthly_active_users, "
        "先月比 (%) month_over_month_percent, 総アクティビティ数 total_activity_count, "
        "ストレージ使用量 (GB) storage_used_gb, コスト (円) cost, ROIスコア roi_score, "
        "コンプライアンス率 (%) compliance_rate_percent, 評価 rating",
        ja="service_name, monthly_active_users, month_over_month_percent, total_activity_count, "
        "storage_used_gb, cost, roi_score, compliance_rate_percent, rating",
    ),
)
