"""Messages, calls and meetings of each Teams user."""

from datetime import timedelta

from shared.core.collector import Collector, Column, Permission, UsageCsv
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Teams user activity", "Teams ユーザーのアクティビティ"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getteamsuseractivityuserdetail",
    shape="measure",
    request="reports/getTeamsUserActivityUserDetail",
    # The report speaks of a month: meetings attended and messages sent in 30 days.
    mode=UsageCsv(period="D30", concealable=("User Id", "User Principal Name")),
    columns=(
        Column("user_id", "User Id", personal=True),
        Column("user_principal_name", "User Principal Name", personal=True),
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
    key=("User Id",),
)
