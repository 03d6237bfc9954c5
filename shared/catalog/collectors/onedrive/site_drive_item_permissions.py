"""Who may open an item of a site that is shared: links, grants, and what a folder hands down."""

from datetime import timedelta

from shared.catalog.drive_contents import PERMISSION_COLUMNS, PERMISSIONS_OF_ITEM
from shared.catalog.graph_permissions import FILES_READ
from shared.core.collector import Below, Collector
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Permissions of items of sites", "サイトのアイテムのアクセス許可"),
    docs="https://learn.microsoft.com/en-us/graph/api/driveitem-list-permissions",
    ask=PERMISSIONS_OF_ITEM,
    # As of people's items: 40,000 items a night, another sixth of what a day allows.
    extent=Below(
        "site_drive_items",
        where="shared_scope IS NOT NULL OR shared_at IS NOT NULL",
        changed=True,
        daily=200_000,
    ),
    columns=PERMISSION_COLUMNS,
    permissions=(FILES_READ,),
    every=timedelta(hours=24),
    licence="SharePoint Online",
    costly=True,
)
