"""SharePoint sites: those of teams, of the organization, and the personal one of each OneDrive."""

from datetime import timedelta

from shared.core.collector import Collector, Column, Get, Permission
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Sites", "サイト"),
    docs="https://learn.microsoft.com/en-us/graph/api/site-getallsites",
    # Its nextLink is spelt in another way: /sites/oneDrive.getAllSites.
    ask=Get("sites/getAllSites", service="sharepoint", top=999),
    columns=(
        # A personal site has the name of whose it is.
        Column("name", "name", personal=True, whose="anybody"),
        Column(
            "display_name",
            "displayName",
            personal=True,
            whose="anybody",
            search="prefix",
            collated=True,
        ),
        Column("web_url", "webUrl", personal=True, whose="anybody"),
        Column("is_personal_site", "isPersonalSite", "bool"),
        Column("created_at", "createdDateTime", "timestamp", never_null=True),
        Column("last_modified_at", "lastModifiedDateTime", "timestamp", never_null=True),
        Column("hostname", "siteCollection/hostname"),
    ),
    permissions=(
        Permission(
            "Sites.Read.All",
            Text(
                "List all SharePoint sites.",
                "すべての SharePoint サイトを一覧します。",
            ),
            covered_by=("Sites.ReadWrite.All",),
        ),
    ),
    every=timedelta(hours=24),
    licence="SharePoint Online",
)
