"""Messages, calls and meetings of each person in Teams, day by day."""

from datetime import timedelta

from shared.catalog.graph_permissions import REPORT_SETTINGS_READ, REPORTS_READ
from shared.core.collector import ASKED, Collector, Column, Csv, Daily, Dates, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Teams activity by day", "日別 Teams アクティビティ"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getteamsuseractivityuserdetail",
    ask=Get("reports/getTeamsUserActivityUserDetail(date={date})", service="usage_reports"),
    answer=Csv(
        instead=("User Principal Name",),
        apart=("User Principal Name", "Deleted Date", "Is Deleted", "Assigned Products"),
    ),
    extent=Dates(),
    # These two say when the file was made and for how long a time; they are no part of a day.
    keep=Daily(date=ASKED, volatile=("Report Refresh Date", "Report Period")),
    columns=(
        Column("user_id", "User Id", personal=True),
        Column("user_principal_name", "User Principal Name", personal=True, folded=True),
        Column("is_deleted", "Is Deleted", "bool"),
        Column("last_activity_date", "Last Activity Date", "date", personal=True),
        # Posts and replies are in it: never add them.
        Column("team_chat_message_count", "Team Chat Message Count", "int"),
        Column("private_chat_message_count", "Private Chat Message Count", "int"),
        Column("post_message_count", "Post Messages", "int"),
        Column("reply_message_count", "Reply Messages", "int"),
        Column("urgent_message_count", "Urgent Messages", "int"),
        Column("call_count", "Call Count", "int"),
        Column("meeting_count", "Meeting Count", "int"),
        Column("meetings_organized_count", "Meetings Organized Count", "int"),
        Column("meetings_attended_count", "Meetings Attended Count", "int"),
        Column("audio_duration_seconds", "Audio Duration In Seconds", "int"),
        Column("video_duration_seconds", "Video Duration In Seconds", "int"),
        Column("screen_share_duration_seconds", "Screen Share Duration In Seconds", "int"),
        Column("has_other_action", "Has Other Action", "bool"),
        Column("is_licensed", "Is Licensed", "bool"),
    ),
    person=("user_id", "user_principal_name"),
    permissions=(REPORTS_READ, REPORT_SETTINGS_READ),
    every=timedelta(hours=24),
    key=("User Id",),
)
