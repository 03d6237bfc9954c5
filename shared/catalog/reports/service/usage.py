"""How many of those who are licensed for a service use it."""

from sqlalchemy import ColumnElement, case, literal

from shared.catalog import words
from shared.catalog.expressions import percent
from shared.catalog.labels import LICENCE_USE, SERVICE
from shared.catalog.licensed_use import app_use, licensed_use
from shared.catalog.service_activity import NO_ACTIVITIES, activities
from shared.catalog.service_use import beside, of_service, services
from shared.catalog.table import Table, col, report_table
from shared.core.report import Chart, PowerShellFile, Report, Sources
from shared.core.report_parameters import (
    SERVICE_FULL_PERCENT,
    SERVICE_HIGH_PERCENT,
    SERVICE_MEDIUM_PERCENT,
)
from shared.core.text import Text

_LABELS = {**SERVICE, "apps": Text("Microsoft 365 Apps", "Microsoft 365 Apps")}
_TOTAL = Text("Licensed users", "総ユーザー数")
_ACTIVE = Text("Active users", "アクティブユーザー数")
_INACTIVE = Text("Inactive users", "非アクティブユーザー数")
_RECENT = Text("Active in 30 days", "30 日間のアクティブユーザー数")
_DONE = Text("Activities in 30 days", "月間アクティビティ")
_LAST = Text("Last use", "最終アクセス")
_COUNTED = "a number of people names nobody"
_OF_MANY = "the newest day of many people names nobody"


@report_table
def _usage(s: Sources) -> Table:
    use, apps = licensed_use(s.measures("active_users")), app_use(s.measures("m365_app_usage"))
    done = activities(s, literal(30))
    each = services("apps")
    service = each.c.id
    is_apps = service == "apps"

    def figure(what: str) -> ColumnElement[int]:
        return case((is_apps, apps.c[f"apps_{what}"]), else_=of_service(service, use, f"_{what}"))

    total, active, last = figure("total"), figure("active"), figure("last")
    rate = percent(active, total)
    full, high = s.parameter(SERVICE_FULL_PERCENT), s.parameter(SERVICE_HIGH_PERCENT)
    medium = s.parameter(SERVICE_MEDIUM_PERCENT)
    status = case((rate >= full, "full"), (rate >= high, "high"), (rate >= medium, "medium"))
    status = case((rate.is_not(None), case((status.is_(None), "low"), else_=status)))
    of_day = case((is_apps, apps.c.report_date), else_=use.c.report_date)
    return Table(
        beside(each, use, apps, done),
        col("service_name", service, Text("Service", "サービス名"), labels=_LABELS),
        col("total_users", total, _TOTAL, personal=False, because=_COUNTED),
        col("active_users", active, _ACTIVE, personal=False, because=_COUNTED),
        col("inactive_users", total - active, _INACTIVE, personal=False, because=_COUNTED),
        col("usage_rate", rate, words.USAGE_RATE, personal=False, because=_COUNTED),
        col("active_30_days", active, _RECENT, personal=False, because=_COUNTED),
        col("monthly_activity_count", of_service(service, done), _DONE),
        col("last_access_date", last, _LAST, personal=False, because=_OF_MANY),
        col("status", status, words.STATUS, labels=LICENCE_USE, personal=False, because=_COUNTED),
        col("id", service, words.ID),
        col("report_date", of_day, words.REPORT_DATE),
    )


REPORT = Report(
    title=Text("Usage analysis", "使用状況分析"),
    description=Text(
        "Per service the people who are licensed for it and not deleted, and those of them who used it "
        "in the 30 days up to Microsoft's newest file. Activities are messages sent, received and read "
        "(Exchange), messages, calls and meetings (Teams), and files viewed or edited, synced and "
        "shared; of apps Microsoft counts none.",
        "サービスごとのライセンス保有ユーザー数 (削除済みを除く) と、Microsoft の最新レポート日までの "
        "30 日間に利用したユーザー数。アクティビティは Exchange では送信・受信・閲覧したメール、Teams では"
        "メッセージ・通話・会議、OneDrive と SharePoint では表示・編集・同期・共有したファイルの数です。"
        "アプリの件数は公表されていません。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getoffice365activeuserdetail",
    table=_usage,
    order=("-total_users",),
    lacks=NO_ACTIVITIES,
    chart=Chart(kind="bar", across="service_name", up=("total_users", "active_users")),
    powershell=PowerShellFile(
        path="Analysis/Usage/UsageAnalysis",
        en="service_name, total_users, active_users, inactive_users, usage_rate, "
        "LastAccess30Days active_30_days, MonthlyActivity monthly_activity_count, status",
        ja="service_name, total_users, active_users, usage_rate, monthly_activity_count, "
        "last_access_date, status",
    ),
)
