"""Looks at who may do what, and who did."""

from shared.core.role import Role
from shared.core.text import Text

ROLE = Role(
    Text("Auditor", "監査人"),
    Text(
        "Sees who may do what and who did what, and changes nothing.",
        "権限と操作の記録を確認します。変更はできません。",
    ),
    app_role="Kanri.Auditor",
    extends=("masked_reader",),
)
