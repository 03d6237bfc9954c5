"""How many messages, calls and meetings a tenant had in Teams, day by day."""

from datetime import timedelta

from shared.catalog.graph_permissions import REPORT_SETTINGS_READ, REPORTS_READ
from shared.core.collector import Collector, Column, Csv, Daily, Get, Period
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Teams activity counts", "Teams アクティビティ数"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getteamsuseractivitycounts",
    ask=Get("reports/getTeamsUserActivityCounts(period='{period}')", service="usage_reports"),
    answer=Csv(),
    # The first read fills in the half year that Microsoft keeps.
    extent=Period("D7", first="D180"),
    # These two say when the file was made; they are no part of a day.
    keep=Daily(date="Report Date", series=True, volatile=("Report Refresh Date", "Report Period")),
    columns=(
        # Posts and replies are in it: never add them.
        Column("team_chat_messages", "Team Chat Messages", "int"),
        Column("post_messages", "Post Messages", "int"),
        Column("reply_messages", "Reply Messages", "int"),
        Column("private_chat_messages", "Private Chat Messages", "int"),
        Column("calls", "Calls", "int"),
        Column("meetings", "Meetings", "int"),
        Column("meetings_organized", "Meetings Organized", "int"),
        Column("meetings_attended", "Meetings Attended", "int"),
    ),
    permissions=(REPORTS_READ, REPORT_SETTINGS_READ),
    every=timedelta(hours=24),
    key=("Report Date",),
)
