"""The OneDrive of each user: where it is and how full."""

from datetime import timedelta

from shared.catalog.graph_permissions import FILES_READ
from shared.core.collector import Below, Collector, Column, Get, Single
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Drives of users", "ユーザーのドライブ"),
    docs="https://learn.microsoft.com/en-us/graph/api/drive-get",
    ask=Get("users/{id}/drive", service="sharepoint"),
    # 404: the user never opened OneDrive.
    answer=Single(empty=(404,)),
    extent=Below("users", where="assigned_licenses <> '[]'"),
    columns=(
        Column("user_id", "{parent}"),
        Column("drive_id", "id", never_null=True),
        Column("drive_type", "driveType"),
        Column("web_url", "webUrl", personal=True),
        Column("quota_total", "quota/total", "int"),
        Column("quota_used", "quota/used", "int"),
        Column("quota_deleted", "quota/deleted", "int"),
        # normal, nearing, critical or exceeded.
        Column("quota_state", "quota/state"),
        Column("owner_user_id", "owner/user/id", personal=True),
        Column("last_modified_at", "lastModifiedDateTime", "timestamp", never_null=True),
        Column("site_id", "sharePointIds/siteId"),
    ),
    person=("user_id",),
    permissions=(FILES_READ,),
    every=timedelta(hours=24),
    licence="OneDrive for Business",
    costly=True,
)
