"""Which Microsoft 365 services each user is licensed for and last used."""

from datetime import timedelta

from shared.core.collector import Collector, Column, Permission, UsageCsv
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Microsoft 365 active users", "Microsoft 365 アクティブ ユーザー"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getoffice365activeuserdetail",
    shape="measure",
    request="reports/getOffice365ActiveUserDetail",
    mode=UsageCsv(concealable=("User Principal Name", "Display Name")),
    columns=(
        Column("user_principal_name", "User Principal Name", personal=True),
        Column("display_name", "Display Name", personal=True),
        Column("is_deleted", "Is Deleted", "bool"),
        Column("has_exchange_license", "Has Exchange License", "bool"),
        Column("has_onedrive_license", "Has OneDrive License", "bool"),
        Column("has_sharepoint_license", "Has SharePoint License", "bool"),
        Column("has_teams_license", "Has Teams License", "bool"),
        Column("exchange_last_activity_date", "Exchange Last Activity Date", "date", personal=True),
        Column("onedrive_last_activity_date", "OneDrive Last Activity Date", "date", personal=True),
        Column(
            "sharepoint_last_activity_date", "SharePoint Last Activity Date", "date", personal=True
        ),
        Column("teams_last_activity_date", "Teams Last Activity Date", "date", personal=True),
        Column("assigned_products", "Assigned Products"),
    ),
    permissions=(
        Permission(
            "Reports.Read.All",
            Text(
                "Read the Microsoft 365 usage reports.",
                "Microsoft 365 の使用状況レポートを読み取ります。",
            ),
        ),
        Permission(
            "ReportSettings.Read.All",
            Text(
                "Tell whether usage reports conceal names.",
                "使用状況レポートで名前が匿名化されているかを確認します。",
            ),
        ),
    ),
    every=timedelta(hours=24),
    service="usage_reports",
    key=("User Principal Name",),
)
