"""Rules of inboxes: what is done with mail as it arrives, sending it on among it."""

from datetime import timedelta

from shared.catalog.graph_permissions import MAILBOX_SETTINGS_READ
from shared.core.collector import Below, Collector, Column, Get, Listed
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Inbox rules", "受信トレイのルール"),
    docs="https://learn.microsoft.com/en-us/graph/api/mailfolder-list-messagerules",
    ask=Get("users/{id}/mailFolders/inbox/messageRules", service="outlook"),
    # 404: there is no mailbox, or it is not in Exchange Online.
    answer=Listed(empty=(404,)),
    extent=Below("users", where="mail IS NOT NULL AND user_type IS DISTINCT FROM 'Guest'"),
    columns=(
        Column("user_id", "{parent}"),
        Column("display_name", "displayName", personal=True, whose="user_id"),
        Column("sequence", "sequence", "int"),
        Column("is_enabled", "isEnabled", "bool"),
        Column("has_error", "hasError", "bool"),
        Column("is_read_only", "isReadOnly", "bool"),
        Column("conditions", "conditions", "json", personal=True, whose="anybody"),
        Column("actions", "actions", "json", personal=True, whose="anybody"),
        Column("exceptions", "exceptions", "json", personal=True, whose="anybody"),
    ),
    person=("user_id",),
    permissions=(MAILBOX_SETTINGS_READ,),
    # A request a mailbox.
    every=timedelta(days=7),
    licence="Exchange Online",
    plans=("EXCHANGE",),
    costly=True,
)
