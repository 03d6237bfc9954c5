"""Files and folders that are shared, and with whom at large."""

from datetime import timedelta

from shared.catalog.graph_permissions import FILES_READ
from shared.core.collector import TOLD, Below, Collector, Column, Delta, Get, Versions
from shared.core.text import Text

# The first three go together only; with them a change of permissions is told of.
_PREFER = (
    "deltashowremovedasdeleted, deltatraversepermissiongaps, deltashowsharingchanges,"
    " hierarchicalsharing"
)

COLLECTOR = Collector(
    title=Text("Shared drive items", "共有されているドライブのアイテム"),
    docs="https://learn.microsoft.com/en-us/graph/api/driveitem-delta",
    ask=Get(
        "drives/{drive_id}/root/delta",
        service="sharepoint",
        top=1000,
        headers=(("Prefer", _PREFER),),
    ),
    extent=Below("user_drives", each=Delta(removed="deleted")),
    # A drive holds up to 300,000 items; few of them are shared.
    keep=Versions(having="shared"),
    columns=(
        Column("drive_id", "{drive_id}"),
        Column("item_id", "id", never_null=True),
        Column("name", "name", personal=True, whose="web_url", collated=True),
        Column("size", "size", "int"),
        Column("web_url", "webUrl", personal=True, whose="anybody"),
        Column("created_at", "createdDateTime", "timestamp", never_null=True),
        Column("last_modified_at", "lastModifiedDateTime", "timestamp", never_null=True),
        Column(
            "last_modified_by", "lastModifiedBy/user/displayName", personal=True, whose="itself"
        ),
        Column("created_by_user_id", "createdBy/user/id"),
        # The path is told by the parents' names only.
        Column("parent_item_id", "parentReference/id"),
        Column("mime_type", "file/mimeType"),
        Column("child_count", "folder/childCount", "int"),
        Column("shared_scope", "shared/scope"),
        Column("shared_at", "shared/sharedDateTime", "timestamp"),
        Column("shared_by_user_id", "shared/sharedBy/user/id"),
        # Another share of what is shared already changes nothing of the item.
        Column("told_at", TOLD, "timestamp"),
    ),
    permissions=(FILES_READ,),
    # Microsoft's scan guidance: a sweep a day at most.
    every=timedelta(hours=24),
    licence="OneDrive for Business",
    costly=True,
)
