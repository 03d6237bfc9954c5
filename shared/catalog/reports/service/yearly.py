"""How each service was used in a year of own history, what its licences cost, and what went wrong."""

from sqlalchemy import case

from shared.catalog import words
from shared.catalog.labels import SERVICE
from shared.catalog.licensed_use import published_use
from shared.catalog.secure_score import compliance
from shared.catalog.service_use import beside, of_service, services
from shared.catalog.table import Table, absent, col, report_table
from shared.catalog.year_before import YearBefore
from shared.catalog.year_of_incidents import incidents
from shared.catalog.year_of_use import cost_per, known_days, licences_in_use, people, yearly_cost
from shared.core.report import Chart, PowerShellFile, Report, Sources
from shared.core.text import Text

_ACTIVE = Text("Active users of the year", "年間アクティブユーザー数")
_SECURE = Text("Secure score (%)", "セキュリティスコア")
_COUNTED = "a number of people names nobody"
_NO_SURVEY = Text("Nobody is asked by Microsoft.", "満足度のデータは Microsoft にありません。")
_JUDGED = Text("A judgement has no source.", "戦略的価値は判断であり、データ源がありません。")


@report_table
def _yearly(s: Sources) -> Table:
    now = published_use(s.measures("service_user_counts"))
    before = YearBefore(s, published_use(s.measures("service_user_counts", back=365)))
    used, days, share = people(s), known_days(s), licences_in_use(s)
    cost, secure, wrong = yearly_cost(s), compliance(s), incidents(s)
    each = services()
    service = each.c.id
    whole = service == "m365"
    active, recent = of_service(service, used), of_service(service, now, "_active")
    grown = before.growth(service, recent)
    total = case((whole, cost.c.yen))
    return Table(
        beside(each, now, before.figures, used, days, share, cost, secure, wrong),
        col("service_name", service, Text("Service", "サービス名"), labels=SERVICE),
        col("yearly_active_users", active, _ACTIVE, personal=False, because=_COUNTED),
        col("yearly_growth_percent", grown, Text("Growth in a year (%)", "年間成長率 (%)")),
        col("yearly_cost", total, Text("Cost of the year (JPY)", "年間総コスト (円)")),
        col(
            "cost_per_user",
            cost_per(total, active),
            Text("Cost per user (JPY)", "ユーザー当たりコスト (円)"),
            personal=False,
            because=_COUNTED,
        ),
        col("roi_percent", of_service(service, share), Text("Licences in use (%)", "ROI (%)")),
        col("security_score", of_service(service, secure), _SECURE),
        absent("satisfaction", "float", Text("Satisfaction", "満足度"), _NO_SURVEY),
        absent("strategic_value", "text", Text("Strategic value", "戦略的価値"), _JUDGED),
        col("incident_count", of_service(service, wrong), Text("Incidents", "インシデント数")),
        col("id", service, words.ID),
        col("report_date", days.c.report_date, words.REPORT_DATE),
        col("covered_from", days.c.covered_from, Text("Covered from", "データ開始日")),
        col("missing_days", days.c.missing_days, Text("Days without data", "欠落日数")),
        col("gaps", days.c.gaps, Text("Days that lack", "欠落期間")),
        col("months_known", share.c.months, Text("Months with data", "データのある月数")),
        col("cost_months", case((whole, cost.c.months)), Text("Months priced", "コスト算出月数")),
        *before.columns(service, recent),
    )


REPORT = Report(
    title=Text("Yearly report", "年次レポート"),
    description=Text(
        "A year of what was collected here, up to Microsoft's newest file, per service. Who used it in the "
        "year counts once, those who are gone included if a file of every eighth week has them. Growth compares active users of 30 days with those "
        "a year before, and is told once there are. Licences in use are the mean over the months with data. "
        "The cost is that of the licences in use at the last twelve ends of a month, by imported prices in "
        "yen; it is told when all are known. Incidents are Microsoft's, and in the whole those of security. "
        "The tenant's figures beside those of the year before are in the report digest (preset year).",
        "収集済みの履歴による、Microsoft の最新レポート日までの 1 年間のサービス別の値。年間アクティブユーザー数は"
        "8 週間ごとのファイルに含まれる退職者なども 1 人 1 回数えます。年間成長率は 30 日間のアクティブユーザー数の 1 年前との比較で、"
        "1 年前のデータがある場合のみ表示します。ROI はデータのある月の、ライセンス保有者に占めるアクティブ"
        "ユーザーの割合の平均です。コストは直近 12 回の月末に割り当てられていたライセンスとインポートした単価 (円) に"
        "よるもので、すべて判明している場合のみ表示します。インシデントは各サービスでは Microsoft の発表、"
        "全体ではセキュリティ インシデントの件数です。"
        "前年との比較は digest レポート (プリセット year) にあります。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getoffice365activeuserdetail",
    table=_yearly,
    order=("-yearly_active_users",),
    chart=Chart(kind="bar", across="service_name", up=("yearly_active_users",)),
    # The tool's English file had the same Japanese headers.
    powershell=PowerShellFile(
        path="Reports/Yearly/YearlyReport",
        en="サービス名 service_name, 年間アクティブユーザー数 yearly_active_users, "
        "年間成長率 (%) yearly_growth_percent, 年間総コスト (円) yearly_cost, "
        "ユーザー当たりコスト (円) cost_per_user, ROI (%) roi_percent, "
        "セキュリティスコア security_score, 満足度 satisfaction, 戦略的価値 strategic_value",
        ja="service_name, yearly_active_users, yearly_growth_percent, yearly_cost, cost_per_user, "
        "roi_percent, security_score, satisfaction, strategic_value",
    ),
)
