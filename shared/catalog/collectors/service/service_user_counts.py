"""How many of a service's licensed people used it within a week, a month and half a year."""

from datetime import timedelta

from shared.catalog.graph_permissions import REPORT_SETTINGS_READ, REPORTS_READ
from shared.core.collector import Collector, Column, Csv, Daily, Get, Period
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Users by service", "サービス別ユーザー数"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getoffice365servicesusercounts",
    ask=Get("reports/getOffice365ServicesUserCounts(period='{period}')", service="usage_reports"),
    answer=Csv(),
    extent=Period("D7", others=("D30", "D180")),
    keep=Daily(),
    columns=(
        Column("report_period", "Report Period", "int"),
        Column("office_365_active", "Office 365 Active", "int"),
        Column("office_365_inactive", "Office 365 Inactive", "int"),
        Column("exchange_active", "Exchange Active", "int"),
        Column("exchange_inactive", "Exchange Inactive", "int"),
        Column("onedrive_active", "OneDrive Active", "int"),
        Column("onedrive_inactive", "OneDrive Inactive", "int"),
        Column("sharepoint_active", "SharePoint Active", "int"),
        Column("sharepoint_inactive", "SharePoint Inactive", "int"),
        Column("teams_active", "Teams Active", "int"),
        Column("teams_inactive", "Teams Inactive", "int"),
    ),
    permissions=(REPORTS_READ, REPORT_SETTINGS_READ),
    every=timedelta(hours=24),
    key=("Report Period",),
)
