"""The second pair of eyes."""

from shared.core.role import Role
from shared.core.text import Text

ROLE = Role(
    Text("Approver", "承認者"),
    Text(
        "Is the second person for what needs one.",
        "二人目の承認を要する操作を承認します。",
    ),
    app_role="Kanri.Approver",
    extends=("masked_reader",),
)
