"""What is read of the items of a drive and of who may open them, whoever's drive it is."""

from shared.core.collector import TOLD, Column, Get, Versions

# The first three go together only; with them a change of permissions is told of.
_PREFER = (
    "deltashowremovedasdeleted, deltatraversepermissiongaps, deltashowsharingchanges,"
    " hierarchicalsharing"
)

CHANGES_OF_ITEMS = Get(
    "drives/{drive_id}/root/delta", service="sharepoint", top=1000, headers=(("Prefer", _PREFER),)
)
PERMISSIONS_OF_ITEM = Get("drives/{drive_id}/items/{item_id}/permissions", service="sharepoint")

# Names that the sync app leaves alone, and addresses so long that the path within may be longer
# than the 400 characters that SharePoint and OneDrive allow.
# https://support.microsoft.com/office/64883a5d-228e-48f5-b3d2-eb39e07630fa
NOT_SYNCED = r"(?i)^~\$|^(?:desktop\.ini|\.lock|\.ds_store)$"
_LONG = r"^.{401}"

# A drive holds up to 300,000 items; few of them are shared, or stand out otherwise.
SHARED_OR_STRIKING = Versions(having="shared", matching=(("name", NOT_SYNCED), ("webUrl", _LONG)))

ITEM_COLUMNS = (
    Column("drive_id", "{drive_id}"),
    Column("item_id", "id", never_null=True),
    Column("name", "name", personal=True, whose="web_url", search="prefix", collated=True),
    Column("size", "size", "int"),
    Column("web_url", "webUrl", personal=True, whose="anybody"),
    Column("created_at", "createdDateTime", "timestamp", never_null=True),
    Column("last_modified_at", "lastModifiedDateTime", "timestamp", never_null=True),
    Column("last_modified_by", "lastModifiedBy/user/displayName", personal=True, whose="itself"),
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
)

PERMISSION_COLUMNS = (
    # A direct grant is called by the sign-in name it is for, in base64.
    Column("permission_id", "id", personal=True, whose="anybody", never_null=True),
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
)
