"""Which apps are installed in each team, and in which version."""

from datetime import timedelta

from shared.core.collector import Below, Collector, Column, Get, Listed, Permission
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Apps of teams", "チームのアプリ"),
    docs="https://learn.microsoft.com/en-us/graph/api/team-list-installedapps",
    ask=Get(
        "teams/{id}/installedApps",
        service="teams",
        selects=False,
        expand=("teamsApp", "teamsAppDefinition"),
    ),
    # 404: its group still tells of a team that is gone.
    answer=Listed(empty=(404,)),
    extent=Below("teams"),
    columns=(
        Column("team_id", "{parent}"),
        # The row's own id is the installation's.
        Column("app_id", "teamsApp/id"),
        Column("app_name", "teamsApp/displayName"),
        Column("distribution_method", "teamsApp/distributionMethod"),
        Column("version", "teamsAppDefinition/version"),
    ),
    permissions=(
        Permission(
            "TeamsAppInstallation.ReadForTeam.All",
            Text(
                "Read which apps are installed in teams.",
                "チームにインストールされているアプリを読み取ります。",
            ),
            covered_by=(
                "TeamsAppInstallation.Read.All",
                "TeamsAppInstallation.ReadWriteForTeam.All",
            ),
        ),
    ),
    every=timedelta(hours=24),
    licence="Microsoft Teams",
)
