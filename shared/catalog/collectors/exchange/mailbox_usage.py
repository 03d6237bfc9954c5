"""Size, quotas and last activity of each mailbox."""

from datetime import timedelta

from shared.core.collector import Collector, Column, Permission, UsageCsv
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Mailbox usage", "メールボックスの使用状況"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getmailboxusagedetail",
    shape="measure",
    request="reports/getMailboxUsageDetail",
    mode=UsageCsv(
        concealable=("User Principal Name", "Display Name"),
        optional=("Has Archive", "Recipient Type"),
    ),
    columns=(
        Column("user_principal_name", "User Principal Name", personal=True),
        Column("display_name", "Display Name", personal=True),
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
