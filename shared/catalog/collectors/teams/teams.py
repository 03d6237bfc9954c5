"""Which teams there are. The list tells no more than their names: the rest is in `team_settings`."""

from datetime import timedelta

from shared.core.collector import Collector, Column, Get, Permission
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Teams", "チーム"),
    docs="https://learn.microsoft.com/en-us/graph/api/teams-list",
    ask=Get("teams", service="teams"),
    columns=(
        Column("display_name", "displayName", collated=True),
        Column("description", "description"),
    ),
    permissions=(
        Permission(
            "Team.ReadBasic.All",
            Text("Read the names of teams.", "チームの名前を読み取ります。"),
            covered_by=(
                "TeamSettings.Read.All",
                "TeamSettings.ReadWrite.All",
                "Group.Read.All",
                "Group.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ),
        ),
    ),
    every=timedelta(hours=1),
    licence="Microsoft Teams",
    notification="/teams",
)
