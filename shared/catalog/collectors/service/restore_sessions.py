"""What was, or is being, restored from Microsoft 365 Backup."""

from datetime import timedelta

from shared.core.collector import EVERY_MEMBER, Collector, Column, Get, Permission, Versions
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Restore sessions", "復元セッション"),
    docs="https://learn.microsoft.com/en-us/graph/api/backuprestoreroot-list-restoresessions",
    ask=Get(
        "solutions/backupRestore/restoreSessions",
        service="general",
        selects=False,
        headers=EVERY_MEMBER,
    ),
    keep=Versions(closes=False),
    columns=(
        Column("type", "@odata.type"),
        Column("status", "status"),
        Column("restore_job_type", "restoreJobType"),
        Column("created_at", "createdDateTime", "timestamp"),
        Column("completed_at", "completedDateTime", "timestamp"),
        Column("artifact_count", "restoreSessionArtifactCount", "json"),
        Column("error", "error", "json"),
    ),
    permissions=(
        Permission(
            "BackupRestore-Restore.Read.All",
            Text(
                "Read what is restored from Microsoft 365 Backup.",
                "Microsoft 365 バックアップからの復元を読み取ります。",
            ),
        ),
    ),
    every=timedelta(hours=1),
    licence="Microsoft 365 Backup",
)
