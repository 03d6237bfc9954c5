"""Reads reports and works with them."""

from shared.core.role import Role
from shared.core.text import Text

ROLE = Role(
    Text("Analyst", "アナリスト"),
    Text(
        "Reads reports and analyses them.",
        "レポートを閲覧し、分析します。",
    ),
    app_role="Kanri.Analyst",
    extends=("reader",),
)
