"""Keeps the work going."""

from shared.core.role import Role
from shared.core.text import Text

ROLE = Role(
    Text("Operator", "運用担当者"),
    Text(
        "Keeps collections running, and sees how the service fares.",
        "収集を実行し、サービスの稼働状況を確認します。",
    ),
    app_role="Kanri.Operator",
    extends=("reader",),
)
