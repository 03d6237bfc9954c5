"""The channels of each team, and whether everybody in it is let in, a few, or other teams too."""

from datetime import timedelta

from shared.core.collector import EVERY_MEMBER, Below, Collector, Column, Get, Listed, Permission
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Channels", "チャネル"),
    docs="https://learn.microsoft.com/en-us/graph/api/channel-list",
    # A mail address is never asked for: each would be looked up by itself.
    ask=Get("teams/{id}/channels", service="teams", headers=EVERY_MEMBER),
    # 404: its group still tells of a team that is gone.
    answer=Listed(empty=(404,)),
    extent=Below("teams"),
    columns=(
        Column("team_id", "{parent}"),
        Column("display_name", "displayName", never_null=True, collated=True),
        # standard, private or shared.
        Column("membership_type", "membershipType"),
        Column("created_at", "createdDateTime", "timestamp"),
        Column("is_archived", "isArchived", "bool"),
    ),
    permissions=(
        Permission(
            "Channel.ReadBasic.All",
            Text("Read the names of channels.", "チャネルの名前を読み取ります。"),
            covered_by=(
                "ChannelSettings.Read.All",
                "ChannelSettings.ReadWrite.All",
                "Group.Read.All",
                "Group.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ),
        ),
    ),
    every=timedelta(hours=24),
    licence="Microsoft Teams",
    notification="/teams/{id}/channels",
)
