"""Whether Microsoft 365 Backup is on, and why not. One object."""

from datetime import timedelta

from shared.core.collector import EVERY_MEMBER, Collector, Column, Get, Permission, Single
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Microsoft 365 Backup service", "Microsoft 365 バックアップ サービス"),
    docs="https://learn.microsoft.com/en-us/graph/api/backuprestoreroot-get",
    ask=Get("solutions/backupRestore", service="general", headers=EVERY_MEMBER),
    answer=Single(),
    key=(),
    columns=(
        Column("status", "serviceStatus/status"),
        Column("disable_reason", "serviceStatus/disableReason"),
        Column("restore_allowed_till", "serviceStatus/restoreAllowedTillDateTime", "timestamp"),
        Column("grace_period_ends_at", "serviceStatus/gracePeriodDateTime", "timestamp"),
        Column("last_modified_at", "serviceStatus/lastModifiedDateTime", "timestamp"),
    ),
    permissions=(
        Permission(
            "BackupRestore-Control.Read.All",
            Text(
                "Tell whether Microsoft 365 Backup is on.",
                "Microsoft 365 バックアップが有効かどうかを確認します。",
            ),
        ),
    ),
    every=timedelta(hours=24),
)
