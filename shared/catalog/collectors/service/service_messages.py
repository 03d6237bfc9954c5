"""The message center: what Microsoft will change, and what an administrator has to do about it."""

from datetime import timedelta

from shared.core.collector import Collector, Column, Get, Permission, Since, Versions
from shared.core.text import Text

# As far back as Microsoft tells: the first run asks for all there is.
_ALL_THERE_IS = timedelta(days=3650)

COLLECTOR = Collector(
    title=Text("Message center", "メッセージ センター"),
    docs="https://learn.microsoft.com/en-us/graph/api/serviceannouncement-list-messages",
    # The size of a page is a preference here.
    ask=Get(
        "admin/serviceAnnouncement/messages",
        service="service_health",
        selects=False,
        page_size=1000,
    ),
    extent=Since("lastModifiedDateTime", initial=_ALL_THERE_IS, look_backs=()),
    keep=Versions(closes=False),
    columns=(
        Column("title", "title", never_null=True),
        Column("category", "category", never_null=True),
        Column("severity", "severity", never_null=True),
        Column("is_major_change", "isMajorChange", "bool"),
        Column("services", "services", "json"),
        Column("tags", "tags", "json"),
        Column("started_at", "startDateTime", "timestamp", never_null=True),
        Column("ended_at", "endDateTime", "timestamp"),
        Column("action_required_by_at", "actionRequiredByDateTime", "timestamp"),
        Column("last_modified_at", "lastModifiedDateTime", "timestamp", never_null=True),
        Column("has_attachments", "hasAttachments", "bool", never_null=True),
        # HTML
        Column("body_content", "body/content"),
    ),
    permissions=(
        Permission(
            "ServiceMessage.Read.All",
            Text("Read the message center.", "メッセージ センターを読み取ります。"),
        ),
    ),
    every=timedelta(hours=6),
)
