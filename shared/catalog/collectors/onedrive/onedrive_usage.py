"""Storage and file counts of each OneDrive."""

from datetime import timedelta

from shared.core.collector import Collector, Column, Permission, UsageCsv
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("OneDrive usage", "OneDrive の使用状況"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getonedriveusageaccountdetail",
    shape="measure",
    request="reports/getOneDriveUsageAccountDetail",
    mode=UsageCsv(concealable=("Site URL", "Owner Display Name", "Owner Principal Name")),
    columns=(
        Column("site_url", "Site URL", personal=True),
        Column("owner_display_name", "Owner Display Name", personal=True),
        Column("owner_principal_name", "Owner Principal Name", personal=True),
        Column("is_deleted", "Is Deleted", "bool"),
        Column("last_activity_date", "Last Activity Date", "date", personal=True),
        Column("file_count", "File Count", "int"),
        Column("active_file_count", "Active File Count", "int"),
        Column("storage_used_bytes", "Storage Used (Byte)", "int"),
        Column("storage_allocated_bytes", "Storage Allocated (Byte)", "int"),
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
    key=("Site URL", "Owner Principal Name"),
)
