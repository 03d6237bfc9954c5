"""The apps that people of the tenant may find in Teams: of the store, and the organization's own."""

from datetime import timedelta

from shared.core.collector import Collector, Column, Get, Permission
from shared.core.text import Text

# Whole, it is many times as long.
_DEFINITIONS = (
    "appDefinitions($select=id,teamsAppId,displayName,version,publishingState,"
    "lastModifiedDateTime,shortDescription)"
)

COLLECTOR = Collector(
    title=Text("Teams apps", "Teams アプリ"),
    docs="https://learn.microsoft.com/en-us/graph/api/appcatalogs-list-teamsapps",
    ask=Get("appCatalogs/teamsApps", service="teams", selects=False, expand=(_DEFINITIONS,)),
    columns=(
        Column("external_id", "externalId"),
        Column("display_name", "displayName", collated=True),
        # store, organization or sideloaded.
        Column("distribution_method", "distributionMethod"),
        # No publisher, and the instants are null mostly.
        Column("app_definitions", "appDefinitions", "json"),
    ),
    permissions=(
        Permission(
            "AppCatalog.Read.All",
            Text("Read the catalogue of Teams apps.", "Teams アプリ カタログを読み取ります。"),
            covered_by=(
                "AppCatalog.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ),
        ),
    ),
    every=timedelta(hours=24),
    licence="Microsoft Teams",
)
