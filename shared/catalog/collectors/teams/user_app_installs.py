"""Which apps of Teams each person has installed. A request a person."""

from datetime import timedelta

from shared.core.collector import Below, Collector, Column, Get, Listed, Permission
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Teams apps of users", "ユーザーの Teams アプリ"),
    docs="https://learn.microsoft.com/en-us/graph/api/userteamwork-list-installedapps",
    ask=Get(
        "users/{id}/teamwork/installedApps",
        service="teams",
        selects=False,
        expand=("teamsApp", "teamsAppDefinition"),
    ),
    # 404: Teams does not know this person.
    answer=Listed(empty=(404,)),
    extent=Below("users", where="assigned_licenses <> '[]'"),
    columns=(
        Column("user_id", "{parent}", personal=True),
        # The row's own id is the installation's.
        Column("app_id", "teamsApp/id"),
        Column("app_name", "teamsApp/displayName"),
        Column("distribution_method", "teamsApp/distributionMethod"),
        Column("version", "teamsAppDefinition/version"),
    ),
    person=("user_id",),
    permissions=(
        Permission(
            "TeamsAppInstallation.ReadForUser.All",
            Text(
                "Read which apps of Teams people have installed.",
                "ユーザーがインストールした Teams アプリを読み取ります。",
            ),
            covered_by=(
                "TeamsAppInstallation.Read.All",
                "TeamsAppInstallation.ReadWriteForUser.All",
            ),
        ),
    ),
    # A request a person.
    every=timedelta(days=7),
    licence="Microsoft Teams",
    plans=("TEAMS",),
    costly=True,
)
