"""Looks after backups."""

from shared.core.role import Role
from shared.core.text import Text

ROLE = Role(
    Text("Backup operator", "バックアップ担当者"),
    Text(
        "Looks after backups, without seeing personal data in reports.",
        "レポートの個人データを見ずにバックアップを管理します。",
    ),
    app_role="Kanri.BackupOperator",
    extends=("masked_reader",),
)
