"""Has the deployment; there is always one."""

from shared.core.role import Role
from shared.core.text import Text

ROLE = Role(
    Text("Owner", "所有者"),
    Text(
        "May do everything, defining roles and naming other owners included.",
        "役割の定義と他の所有者の指名を含め、すべての操作ができます。",
    ),
    app_role="Kanri.Owner",
    extends=("administrator", "backup_operator", "approver"),
)
