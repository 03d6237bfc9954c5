"""Files and folders of people that are shared, and with whom at large; and what cannot be synced."""

from datetime import timedelta

from shared.catalog.drive_contents import CHANGES_OF_ITEMS, ITEM_COLUMNS, SHARED_OR_STRIKING
from shared.catalog.graph_permissions import FILES_READ
from shared.core.collector import Below, Collector, Delta
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Shared drive items", "共有されているドライブのアイテム"),
    docs="https://learn.microsoft.com/en-us/graph/api/driveitem-delta",
    ask=CHANGES_OF_ITEMS,
    extent=Below("user_drives", each=Delta(removed="deleted")),
    keep=SHARED_OR_STRIKING,
    columns=ITEM_COLUMNS,
    permissions=(FILES_READ,),
    # Microsoft's scan guidance: a sweep a day at most.
    every=timedelta(hours=24),
    licence="OneDrive for Business",
    costly=True,
)
