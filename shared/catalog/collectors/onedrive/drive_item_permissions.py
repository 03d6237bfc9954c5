"""Who may open an item that is shared: links, grants, and what a folder hands down."""

from datetime import timedelta

from shared.catalog.graph_permissions import FILES_READ
from shared.core.collector import Below, Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Permissions of drive items", "ドライブ アイテムのアクセス許可"),
    docs="https://learn.microsoft.com/en-us/graph/api/driveitem-list-permissions",
    ask=Get("drives/{drive_id}/items/{item_id}/permissions", service="sharepoint"),
    # Five resource units each: below what is shared, when that has changed.
    # A sixth of what a day allows all of SharePoint: 40,000 items a night.
    extent=Below(
        "drive_items",
        where="shared_scope IS NOT NULL OR shared_at IS NOT NULL",
        changed=True,
        daily=200_000,
    ),
    columns=(
        Column("drive_id", "{drive_id}"),
        Column("item_id", "{item_id}"),
        Column("roles", "roles", "json"),
        Column("link_scope", "link/scope"),
        Column("link_type", "link/type"),
        # Null for callers who may not create the link: that is no missing link.
        Column("link_web_url", "link/webUrl", personal=True, whose="anybody"),
        Column("link_prevents_download", "link/preventsDownload", "bool"),
        Column("has_password", "hasPassword", "bool"),
        Column("expires_at", "expirationDateTime", "timestamp"),
        Column("invitation_email", "invitation/email", personal=True, whose="itself", folded=True),
        Column("granted_to", "grantedToV2", "json", personal=True, whose="anybody"),
        Column(
            "granted_to_identities", "grantedToIdentitiesV2", "json", personal=True, whose="anybody"
        ),
        Column("inherited_from_item_id", "inheritedFrom/id"),
    ),
    permissions=(FILES_READ,),
    every=timedelta(hours=24),
    licence="OneDrive for Business",
    costly=True,
)
