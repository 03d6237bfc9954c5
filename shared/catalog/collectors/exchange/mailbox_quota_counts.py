"""How many mailboxes are within their quotas, and how many beyond which, day by day."""

from datetime import timedelta

from shared.catalog.graph_permissions import REPORT_SETTINGS_READ, REPORTS_READ
from shared.core.collector import Collector, Column, Csv, Daily, Get, Period
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Mailboxes by quota state", "容量状態別メールボックス数"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getmailboxusagequotastatusmailboxcounts",
    ask=Get(
        "reports/getMailboxUsageQuotaStatusMailboxCounts(period='{period}')",
        service="usage_reports",
    ),
    answer=Csv(),
    # The first read fills in the half year that Microsoft keeps.
    extent=Period("D7", first="D180"),
    # These two say when the file was made; they are no part of a day.
    keep=Daily(date="Report Date", series=True, volatile=("Report Refresh Date", "Report Period")),
    columns=(
        Column("under_limit", "Under Limit", "int"),
        Column("warning_issued", "Warning Issued", "int"),
        Column("send_prohibited", "Send Prohibited", "int"),
        Column("send_receive_prohibited", "Send/Receive Prohibited", "int"),
        Column("indeterminate", "Indeterminate", "int"),
    ),
    permissions=(REPORTS_READ, REPORT_SETTINGS_READ),
    every=timedelta(hours=24),
    key=("Report Date",),
)
