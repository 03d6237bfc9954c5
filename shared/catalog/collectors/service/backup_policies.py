"""What Microsoft 365 Backup protects by which policy, and how much of it."""

from datetime import timedelta

from shared.catalog.graph_permissions import BACKUP_CONFIGURATION_READ
from shared.core.collector import EVERY_MEMBER, Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Backup policies", "バックアップ ポリシー"),
    docs="https://learn.microsoft.com/en-us/graph/api/backuprestoreroot-list-protectionpolicies",
    ask=Get(
        "solutions/backupRestore/protectionPolicies",
        service="general",
        selects=False,
        headers=EVERY_MEMBER,
    ),
    columns=(
        # exchange-, oneDriveForBusiness- or sharePointProtectionPolicy
        Column("type", "@odata.type"),
        Column("display_name", "displayName"),
        Column("is_enabled", "isEnabled", "bool", never_null=True),
        Column("status", "status"),
        Column("total_count", "protectionPolicyArtifactCount/total", "int"),
        Column("completed_count", "protectionPolicyArtifactCount/completed", "int"),
        Column("failed_count", "protectionPolicyArtifactCount/failed", "int"),
        Column("in_progress_count", "protectionPolicyArtifactCount/inProgress", "int"),
        Column("retention_settings", "retentionSettings", "json"),
        Column("last_modified_at", "lastModifiedDateTime", "timestamp"),
    ),
    permissions=(BACKUP_CONFIGURATION_READ,),
    every=timedelta(hours=24),
    licence="Microsoft 365 Backup",
)
