"""How each team is set up: who sees it, whether it is archived, what members and guests may do."""

from datetime import timedelta

from shared.core.collector import Below, Collector, Column, Get, Permission, Single
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Settings of teams", "チームの設定"),
    docs="https://learn.microsoft.com/en-us/graph/api/team-get",
    ask=Get("teams/{id}", service="teams"),
    # 404: its group still tells of a team that is gone.
    answer=Single(empty=(404,)),
    extent=Below("teams"),
    columns=(
        Column("team_id", "{parent}"),
        # private, public or hiddenMembership.
        Column("visibility", "visibility"),
        Column("is_archived", "isArchived", "bool"),
        Column("created_at", "createdDateTime", "timestamp"),
        Column("classification", "classification"),
        Column("specialization", "specialization"),
        Column("member_settings", "memberSettings", "json"),
        Column("guest_settings", "guestSettings", "json"),
        Column("messaging_settings", "messagingSettings", "json"),
        Column("fun_settings", "funSettings", "json"),
        # These three come on $select only.
        Column("owners_count", "summary/ownersCount", "int"),
        Column("members_count", "summary/membersCount", "int"),
        Column("guests_count", "summary/guestsCount", "int"),
        Column("web_url", "webUrl"),
    ),
    permissions=(
        Permission(
            "TeamSettings.Read.All",
            Text("Read how teams are set up.", "チームの設定を読み取ります。"),
            covered_by=(
                "TeamSettings.ReadWrite.All",
                "Group.Read.All",
                "Group.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ),
        ),
    ),
    every=timedelta(hours=24),
    key=(),
    licence="Microsoft Teams",
    notification="/teams",
)
