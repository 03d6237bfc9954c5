"""Size, quotas and last activity of each mailbox."""

from datetime import timedelta

from shared.catalog.graph_permissions import REPORT_SETTINGS_READ, REPORTS_READ
from shared.core.collector import Collector, Column, Csv, Daily, Get, Period
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Mailbox usage", "メールボックスの使用状況"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getmailboxusagedetail",
    ask=Get("reports/getMailboxUsageDetail(period='{period}')", service="usage_reports"),
    answer=Csv(
        optional=("Has Archive", "Recipient Type"),
        apart=("Created Date", "Deleted Date", "Is Deleted", "Display Name", "Recipient Type"),
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
        Column("is_deleted", "Is Deleted", "bool"),
        Column("created_date", "Created Date", "date"),
        Column("last_activity_date", "Last Activity Date", "date", personal=True),
        Column("item_count", "Item Count", "int"),
        Column("storage_used_bytes", "Storage Used (Byte)", "int"),
        Column("issue_warning_quota_bytes", "Issue Warning Quota (Byte)", "int"),
        Column("prohibit_send_quota_bytes", "Prohibit Send Quota (Byte)", "int"),
        Column("prohibit_send_receive_quota_bytes", "Prohibit Send/Receive Quota (Byte)", "int"),
        Column("deleted_item_count", "Deleted Item Count", "int"),
        Column("deleted_item_size_bytes", "Deleted Item Size (Byte)", "int"),
        Column("has_archive", "Has Archive", "bool"),
        Column("recipient_type", "Recipient Type"),
    ),
    person=("user_principal_name",),
    permissions=(REPORTS_READ, REPORT_SETTINGS_READ),
    every=timedelta(hours=24),
    key=("User Principal Name",),
)
