"""How many messages a tenant sent, received and read, day by day."""

from datetime import timedelta

from shared.catalog.graph_permissions import REPORT_SETTINGS_READ, REPORTS_READ
from shared.core.collector import Collector, Column, Csv, Daily, Get, Period
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Email activity counts", "メール アクティビティ数"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getemailactivitycounts",
    ask=Get("reports/getEmailActivityCounts(period='{period}')", service="usage_reports"),
    # Newer files only.
    answer=Csv(optional=("Meeting Created", "Meeting Interacted")),
    # The first read fills in the half year that Microsoft keeps.
    extent=Period("D7", first="D180"),
    # These two say when the file was made; they are no part of a day.
    keep=Daily(date="Report Date", series=True, volatile=("Report Refresh Date", "Report Period")),
    columns=(
        Column("send", "Send", "int"),
        Column("receive", "Receive", "int"),
        Column("read", "Read", "int"),
        Column("meeting_created", "Meeting Created", "int"),
        Column("meeting_interacted", "Meeting Interacted", "int"),
    ),
    permissions=(REPORTS_READ, REPORT_SETTINGS_READ),
    every=timedelta(hours=24),
    key=("Report Date",),
)
