"""Which mailboxes, drives and sites Microsoft 365 Backup protects."""

from datetime import timedelta

from shared.catalog.graph_permissions import BACKUP_CONFIGURATION_READ
from shared.core.collector import EVERY_MEMBER, Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Backup units", "バックアップ対象"),
    docs="https://learn.microsoft.com/en-us/graph/api/backuprestoreroot-list-protectionunits",
    # Whose mailbox or drive, or which site it is, is a property of the derived types.
    ask=Get(
        "solutions/backupRestore/protectionUnits",
        service="general",
        selects=False,
        headers=EVERY_MEMBER,
    ),
    columns=(
        Column("type", "@odata.type"),
        Column("status", "status"),
        Column("policy_id", "policyId"),
        Column("created_at", "createdDateTime", "timestamp"),
        Column("offboard_requested_at", "offboardRequestedDateTime", "timestamp"),
        Column("error", "error", "json"),
        Column("directory_object_id", "directoryObjectId"),
        Column("email", "email", personal=True, folded=True),
        Column("site_web_url", "siteWebUrl"),
    ),
    person=("directory_object_id", "email"),
    permissions=(BACKUP_CONFIGURATION_READ,),
    every=timedelta(hours=24),
    licence="Microsoft 365 Backup",
)
