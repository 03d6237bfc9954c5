"""Messages, calls and meetings of each Teams user."""

from datetime import timedelta

from shared.catalog.graph_permissions import REPORT_SETTINGS_READ, REPORTS_READ
from shared.core.collector import Collector, Column, Csv, Daily, Get, Period
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Teams user activity", "Teams ユーザーのアクティビティ"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getteamsuseractivityuserdetail",
    # The report speaks of a month: meetings attended and messages sent in 30 days.
    ask=Get("reports/getTeamsUserActivityUserDetail(period='{period}')", service="usage_reports"),
    answer=Csv(
        instead=("User Principal Name",),
        apart=("User Principal Name", "Deleted Date", "Is Deleted", "Assigned Products"),
    ),
    extent=Period("D30"),
    keep=Daily(),
    columns=(
        Column("user_id", "User Id", personal=True),
        Column(
            "user_principal_name",
            "User Principal Name",
            personal=True,
            search="prefix",
            folded=True,
        ),
        Column("last_activity_date", "Last Activity Date", "date", personal=True),
        Column("is_deleted", "Is Deleted", "bool"),
        Column("team_chat_message_count", "Team Chat Message Count", "int"),
        Column("private_chat_message_count", "Private Chat Message Count", "int"),
        Column("call_count", "Call Count", "int"),
        Column("meeting_count", "Meeting Count", "int"),
        Column("meetings_organized_count", "Meetings Organized Count", "int"),
        Column("meetings_attended_count", "Meetings Attended Count", "int"),
        Column("is_licensed", "Is Licensed", "bool"),
    ),
    person=("user_id", "user_principal_name"),
    permissions=(REPORTS_READ, REPORT_SETTINGS_READ),
    every=timedelta(hours=24),
    key=("User Id",),
)
