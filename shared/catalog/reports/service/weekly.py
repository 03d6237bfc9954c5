"""How each service was used in a week, against the week before, and what else moved."""

from sqlalchemy import case

from shared.catalog import words
from shared.catalog.labels import SERVICE, SERVICE_STATE, TREND
from shared.catalog.service_activity import NO_ACTIVITIES, activities, external_shares
from shared.catalog.service_use import active_users, beside, change, of_service, services, state
from shared.catalog.table import Table, absent, col, report_table
from shared.catalog.tenant_figures import licence_use, mfa_rate, new_users
from shared.core.report import Chart, PowerShellFile, Report, Sources
from shared.core.report_parameters import PERIOD, TREND_PERCENT
from shared.core.text import Text

_WEEK = PERIOD.by_default(7)

_TREND = Text("Trend", "トレンド")
_ACTIVE = Text("Weekly active users", "週次アクティブユーザー数")
_CHANGE = Text("Change to the week before (%)", "先週比 (%)")
_SESSION = Text("Average session (min)", "平均セッション時間")
_COUNTED = "a number of people names nobody"
_NO_SESSION = Text(
    "Microsoft publishes no session times.", "Microsoft はセッション時間を公表していません。"
)


@report_table
def _weekly(s: Sources) -> Table:
    days, health = s.parameter(_WEEK), s.entity("service_health")
    now = active_users(s.measures("active_users"), days)
    then = active_users(s.measures("active_users", back=days), days)
    each = services()
    service = each.c.id
    active = of_service(service, now)
    moved = change(active, of_service(service, then))
    least = s.parameter(TREND_PERCENT)
    trend = case((moved >= least, "up"), (moved <= -least, "down"), (moved.is_not(None), "flat"))
    licences, mfa, new = licence_use(s), mfa_rate(s), new_users(s, days)
    done, shares = activities(s, days), external_shares(s, days)
    return Table(
        beside(each, now, then, done, shares),
        col("service_name", service, Text("Service", "サービス名"), labels=SERVICE),
        col("weekly_active_users", active, _ACTIVE, personal=False, because=_COUNTED),
        col("week_over_week_percent", moved, _CHANGE, personal=False, because=_COUNTED),
        col("total_activity_count", of_service(service, done), words.ACTIVITIES),
        absent("average_session_minutes", "float", _SESSION, _NO_SESSION),
        col("mfa_rate_percent", mfa, Text("MFA rate (%)", "MFA有効率 (%)")),
        col(
            "external_share_count",
            of_service(service, shares),
            Text("External shares", "外部共有数"),
        ),
        col("trend", trend, _TREND, labels=TREND, personal=False, because=_COUNTED),
        col("status", state(each, health), Text("State", "状態"), labels=SERVICE_STATE),
        col("new_user_count", new, Text("New users", "新規ユーザー数")),
        col("license_usage_percent", licences, Text("Licence use (%)", "ライセンス使用率")),
        col("id", service, words.ID),
        col("report_date", now.c.report_date, words.REPORT_DATE),
    )


REPORT = Report(
    title=Text("Weekly report", "週次レポート"),
    description=Text(
        "Per service the people who used it in the week up to Microsoft's newest file, against the "
        "week before, what they did, and its state. Activities are messages sent, received and read "
        "(Exchange), messages, calls and meetings (Teams), and files viewed or edited, synced and "
        "shared. Users, licences and MFA are those of the whole tenant in each row. "
        "The tenant's figures beside those of the week before are in the report digest (preset week).",
        "Microsoft の最新レポート日までの 1 週間にサービスを利用したユーザー数、前週比、アクティビティ数、"
        "サービスの状態。アクティビティ数は Exchange では送信・受信・閲覧したメール、Teams では"
        "メッセージ・通話・会議、OneDrive と SharePoint では表示・編集・同期・共有したファイルの数です。"
        "ユーザー、ライセンス、MFA はテナント全体の値を各行に示します。"
        "前週との比較は digest レポート (プリセット week) にあります。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getoffice365activeuserdetail",
    table=_weekly,
    # All of Microsoft 365 comes first: whoever used a service used it too.
    order=("-weekly_active_users",),
    lacks=NO_ACTIVITIES,
    chart=Chart(kind="bar", across="service_name", up=("weekly_active_users",)),
    # The tool's English file had the same Japanese headers.
    powershell=PowerShellFile(
        path="Reports/Weekly/WeeklyReport",
        en="サービス名 service_name, 週次アクティブユーザー数 weekly_active_users, "
        "先週比 (%) week_over_week_percent, 総アクティビティ数 total_activity_count, "
        "平均セッション時間 average_session_minutes, MFA有効率 (%) mfa_rate_percent, "
        "外部共有数 external_share_count, トレンド trend, 状態 status",
        ja="service_name, weekly_active_users, week_over_week_percent, total_activity_count, "
        "average_session_minutes, mfa_rate_percent, external_share_count, trend, status",
    ),
)
