"""How many messages each person sent, received and read, day by day."""

from datetime import timedelta

from shared.catalog.graph_permissions import REPORT_SETTINGS_READ, REPORTS_READ
from shared.core.collector import ASKED, Collector, Column, Csv, Daily, Dates, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Email activity by day", "日別メール アクティビティ"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getemailactivityuserdetail",
    ask=Get("reports/getEmailActivityUserDetail(date={date})", service="usage_reports"),
    # Newer files only.
    answer=Csv(
        optional=("Meeting Created Count", "Meeting Interacted Count"),
        apart=("Deleted Date", "Is Deleted", "Display Name", "Assigned Products"),
    ),
    extent=Dates(),
    # These two say when the file was made and for how long a time; they are no part of a day.
    keep=Daily(date=ASKED, volatile=("Report Refresh Date", "Report Period")),
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
        Column("last_activity_date", "Last Activity Date", "date", personal=True),
        Column("send_count", "Send Count", "int"),
        Column("receive_count", "Receive Count", "int"),
        Column("read_count", "Read Count", "int"),
        Column("meeting_created_count", "Meeting Created Count", "int"),
        Column("meeting_interacted_count", "Meeting Interacted Count", "int"),
    ),
    person=("user_principal_name",),
    permissions=(REPORTS_READ, REPORT_SETTINGS_READ),
    every=timedelta(hours=24),
    key=("User Principal Name",),
)
