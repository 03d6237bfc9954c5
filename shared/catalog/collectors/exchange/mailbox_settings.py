"""What a mailbox is for, whether it answers by itself, and to whom."""

from datetime import timedelta

from shared.catalog.graph_permissions import MAILBOX_SETTINGS_READ
from shared.core.collector import Below, Collector, Column, Get, Single
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Mailbox settings", "メールボックスの設定"),
    docs="https://learn.microsoft.com/en-us/graph/api/user-get-mailboxsettings",
    ask=Get("users/{id}/mailboxSettings", service="outlook"),
    # 404: there is no mailbox, or it is not in Exchange Online.
    answer=Single(empty=(404,)),
    # Shared mailboxes and rooms need no licence; their accounts have an address.
    extent=Below("users", where="mail IS NOT NULL AND user_type IS DISTINCT FROM 'Guest'"),
    columns=(
        Column("user_id", "{parent}"),
        # user, linked, shared, room, equipment or others.
        Column("user_purpose", "userPurpose"),
        Column("automatic_replies_status", "automaticRepliesSetting/status"),
        Column("automatic_replies_audience", "automaticRepliesSetting/externalAudience"),
        Column("time_zone", "timeZone"),
        Column("locale", "language/locale"),
        Column("archive_folder", "archiveFolder"),
    ),
    permissions=(MAILBOX_SETTINGS_READ,),
    # A request a mailbox.
    every=timedelta(days=7),
    key=(),
    licence="Exchange Online",
    plans=("EXCHANGE",),
    costly=True,
)
