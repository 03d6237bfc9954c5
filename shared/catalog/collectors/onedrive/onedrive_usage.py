"""Storage and file counts of each OneDrive."""

from datetime import timedelta

from shared.catalog.graph_permissions import REPORT_SETTINGS_READ, REPORTS_READ
from shared.core.collector import Collector, Column, Csv, Daily, Get, Period
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("OneDrive usage", "OneDrive の使用状況"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getonedriveusageaccountdetail",
    ask=Get("reports/getOneDriveUsageAccountDetail(period='{period}')", service="usage_reports"),
    answer=Csv(
        optional=("Site Id",),
        instead=("Site URL", "Owner Principal Name"),
        apart=("Site URL", "Owner Principal Name", "Owner Display Name", "Is Deleted"),
    ),
    extent=Period(),
    keep=Daily(),
    columns=(
        Column("site_id", "Site Id"),
        Column("site_url", "Site URL", personal=True),
        Column(
            "owner_display_name",
            "Owner Display Name",
            personal=True,
            search="prefix",
            collated=True,
        ),
        Column("owner_principal_name", "Owner Principal Name", personal=True, folded=True),
        Column("is_deleted", "Is Deleted", "bool"),
        Column("last_activity_date", "Last Activity Date", "date", personal=True),
        Column("file_count", "File Count", "int"),
        Column("active_file_count", "Active File Count", "int"),
        Column("storage_used_bytes", "Storage Used (Byte)", "int"),
        Column("storage_allocated_bytes", "Storage Allocated (Byte)", "int"),
    ),
    person=("owner_principal_name",),
    permissions=(REPORTS_READ, REPORT_SETTINGS_READ),
    every=timedelta(hours=24),
    # Of a drive without owner, or whose address Microsoft leaves blank, the site is known still.
    key=("Site Id",),
)
