"""Reads everything but what tells of persons: the least of the roles."""

from shared.core.role import Role
from shared.core.text import Text

ROLE = Role(
    Text("Reader without personal data", "閲覧者 (個人データなし)"),
    Text(
        "Reads reports with personal data masked, and where collections stand.",
        "個人データを伏せたレポートと収集の状況を閲覧します。",
    ),
    app_role="Kanri.MaskedReader",
)
