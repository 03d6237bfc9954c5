"""Size, use and sharing of each SharePoint site."""

from datetime import timedelta

from shared.catalog.graph_permissions import REPORT_SETTINGS_READ, REPORTS_READ
from shared.core.collector import Collector, Column, Csv, Daily, Get, Period
from shared.core.text import Text

_SHARING = (
    "External Sharing",
    "Anonymous Link Count",
    "Company Link Count",
    "Secure Link For Guest Count",
    "Secure Link For Member Count",
)

COLLECTOR = Collector(
    title=Text("SharePoint site usage", "SharePoint サイトの使用状況"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getsharepointsiteusagedetail",
    ask=Get("reports/getSharePointSiteUsageDetail(period='{period}')", service="usage_reports"),
    answer=Csv(
        optional=_SHARING,
        instead=("Site URL",),
        apart=("Site URL", "Owner Principal Name", "Owner Display Name", "Is Deleted"),
    ),
    extent=Period("D30"),
    keep=Daily(),
    columns=(
        Column("site_id", "Site Id"),
        Column("site_url", "Site URL", personal=True, whose="anybody"),
        Column("owner_display_name", "Owner Display Name", personal=True, collated=True),
        Column("owner_principal_name", "Owner Principal Name", personal=True, folded=True),
        Column("is_deleted", "Is Deleted", "bool"),
        # Somebody's, not the owner's.
        Column("last_activity_date", "Last Activity Date", "date"),
        Column("file_count", "File Count", "int"),
        Column("active_file_count", "Active File Count", "int"),
        Column("page_view_count", "Page View Count", "int"),
        Column("visited_page_count", "Visited Page Count", "int"),
        Column("storage_used_bytes", "Storage Used (Byte)", "int"),
        Column("storage_allocated_bytes", "Storage Allocated (Byte)", "int"),
        Column("root_web_template", "Root Web Template"),
        Column("is_shared_externally", "External Sharing", "bool"),
        Column("anonymous_link_count", "Anonymous Link Count", "int"),
        Column("company_link_count", "Company Link Count", "int"),
        Column("secure_link_for_guest_count", "Secure Link For Guest Count", "int"),
        Column("secure_link_for_member_count", "Secure Link For Member Count", "int"),
    ),
    person=("owner_principal_name",),
    permissions=(REPORTS_READ, REPORT_SETTINGS_READ),
    every=timedelta(hours=24),
    # Of many sites Microsoft leaves the address blank.
    key=("Site Id",),
)
