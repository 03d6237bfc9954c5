"""Which Microsoft 365 services each user is licensed for and last used."""

from datetime import timedelta

from shared.catalog.graph_permissions import REPORT_SETTINGS_READ, REPORTS_READ
from shared.core.collector import Collector, Column, Csv, Daily, Get, Period
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Microsoft 365 active users", "Microsoft 365 アクティブ ユーザー"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getoffice365activeuserdetail",
    ask=Get("reports/getOffice365ActiveUserDetail(period='{period}')", service="usage_reports"),
    answer=Csv(
        apart=(
            "Deleted Date",
            "Is Deleted",
            "Display Name",
            "Exchange License Assign Date",
            "OneDrive License Assign Date",
            "Teams License Assign Date",
            "Assigned Products",
        )
    ),
    extent=Period(),
    keep=Daily(),
    columns=(
        Column(
            "user_principal_name",
            "User Principal Name",
            personal=True,
            search="prefix",
            folded=True,
        ),
        Column("display_name", "Display Name", personal=True, collated=True),
        Column("is_deleted", "Is Deleted", "bool", counted=True),
        Column("has_exchange_license", "Has Exchange License", "bool", counted=True),
        Column("has_onedrive_license", "Has OneDrive License", "bool", counted=True),
        Column("has_sharepoint_license", "Has SharePoint License", "bool", counted=True),
        Column("has_teams_license", "Has Teams License", "bool", counted=True),
        Column(
            "exchange_last_activity_date",
            "Exchange Last Activity Date",
            "date",
            personal=True,
            counted=True,
        ),
        Column(
            "onedrive_last_activity_date",
            "OneDrive Last Activity Date",
            "date",
            personal=True,
            counted=True,
        ),
        Column(
            "sharepoint_last_activity_date",
            "SharePoint Last Activity Date",
            "date",
            personal=True,
            counted=True,
        ),
        Column(
            "teams_last_activity_date",
            "Teams Last Activity Date",
            "date",
            personal=True,
            counted=True,
        ),
        Column("assigned_products", "Assigned Products"),
    ),
    person=("user_principal_name",),
    permissions=(REPORTS_READ, REPORT_SETTINGS_READ),
    every=timedelta(hours=24),
    key=("User Principal Name",),
)
