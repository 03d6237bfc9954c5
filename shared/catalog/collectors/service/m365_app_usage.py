"""Which Microsoft 365 apps each person used, and on which platforms."""

from datetime import timedelta

from shared.catalog.graph_permissions import REPORT_SETTINGS_READ, REPORTS_READ
from shared.core.collector import Collector, Column, Csv, Daily, Get, Period
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Microsoft 365 Apps usage", "Microsoft 365 Apps の使用状況"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getm365appuserdetail",
    ask=Get("reports/getM365AppUserDetail(period='{period}')", service="usage_reports"),
    answer=Csv(),
    extent=Period("D30"),
    keep=Daily(),
    columns=(
        Column("user_principal_name", "User Principal Name", personal=True, folded=True),
        Column("last_activation_date", "Last Activation Date", "date", personal=True),
        Column("last_activity_date", "Last Activity Date", "date", personal=True, counted=True),
        # Each app on each platform is in the file besides.
        Column("used_windows", "Windows", "bool"),
        Column("used_mac", "Mac", "bool"),
        Column("used_mobile", "Mobile", "bool"),
        Column("used_web", "Web", "bool"),
        Column("used_outlook", "Outlook", "bool"),
        Column("used_word", "Word", "bool"),
        Column("used_excel", "Excel", "bool"),
        Column("used_powerpoint", "PowerPoint", "bool"),
        Column("used_onenote", "OneNote", "bool"),
        Column("used_teams", "Teams", "bool"),
    ),
    person=("user_principal_name",),
    permissions=(REPORTS_READ, REPORT_SETTINGS_READ),
    every=timedelta(hours=24),
    key=("User Principal Name",),
)
