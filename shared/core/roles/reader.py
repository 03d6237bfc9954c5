"""Reads reports as they are."""

from shared.core.role import Role
from shared.core.text import Text

ROLE = Role(
    Text("Reader", "閲覧者"),
    Text(
        "Reads reports with the personal data in them.",
        "個人データを含むレポートを閲覧します。",
    ),
    app_role="Kanri.Reader",
    extends=("masked_reader",),
)
