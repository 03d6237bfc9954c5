"""Messages, meetings and people of each team."""

from datetime import timedelta

from shared.catalog.graph_permissions import REPORT_SETTINGS_READ, REPORTS_READ
from shared.core.collector import Collector, Column, Csv, Daily, Get, Period
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Activity by team", "チーム別アクティビティ"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getteamsteamactivitydetail",
    ask=Get("reports/getTeamsTeamActivityDetail(period='{period}')", service="usage_reports"),
    answer=Csv(
        optional=("Active Shared Channels", "Active External Users"),
        apart=("Team Name", "Team Type"),
    ),
    extent=Period("D30"),
    keep=Daily(),
    columns=(
        Column("team_id", "Team Id"),
        # Concealed as those of people are: what is personal is looked at for hashes.
        Column("team_name", "Team Name", personal=True, whose="anybody", collated=True),
        Column("team_type", "Team Type"),
        # Somebody's in the team.
        Column("last_activity_date", "Last Activity Date", "date"),
        Column("active_user_count", "Active Users", "int"),
        Column("active_channel_count", "Active Channels", "int"),
        Column("guest_count", "Guests", "int"),
        Column("reaction_count", "Reactions", "int"),
        Column("meetings_organized_count", "Meetings Organized", "int"),
        Column("post_message_count", "Post Messages", "int"),
        Column("reply_message_count", "Reply Messages", "int"),
        # Posts and replies are in it: never add them.
        Column("channel_message_count", "Channel Messages", "int"),
        Column("mention_count", "Mentions", "int"),
        Column("active_shared_channel_count", "Active Shared Channels", "int"),
        Column("active_external_user_count", "Active External Users", "int"),
    ),
    permissions=(REPORTS_READ, REPORT_SETTINGS_READ),
    every=timedelta(hours=24),
    key=("Team Id",),
)
