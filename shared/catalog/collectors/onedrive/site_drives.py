"""Document libraries of the sites that are nobody's own: what they are called and how full they are."""

from datetime import timedelta

from shared.catalog.graph_permissions import FILES_READ
from shared.core.collector import Below, Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Drives of sites", "サイトのドライブ"),
    docs="https://learn.microsoft.com/en-us/graph/api/drive-list",
    # Libraries of the system are left out, unless they are asked for.
    ask=Get("sites/{id}/drives", service="sharepoint"),
    # What is in a personal site is the drive of its user.
    extent=Below("sites", where="is_personal_site IS NOT TRUE"),
    columns=(
        Column("site_id", "{parent}"),
        Column("drive_id", "id", never_null=True),
        Column("drive_type", "driveType"),
        Column("name", "name"),
        Column("web_url", "webUrl"),
        Column("quota_used", "quota/used", "int"),
        Column("quota_total", "quota/total", "int"),
        # normal, nearing, critical or exceeded.
        Column("quota_state", "quota/state"),
        Column("last_modified_at", "lastModifiedDateTime", "timestamp", never_null=True),
    ),
    permissions=(FILES_READ,),
    every=timedelta(hours=24),
    licence="SharePoint Online",
    costly=True,
)
