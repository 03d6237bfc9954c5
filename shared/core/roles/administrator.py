"""Runs the deployment, or a tenant of it."""

from shared.core.role import Role
from shared.core.text import Text

ROLE = Role(
    Text("Administrator", "管理者"),
    Text(
        "Connects tenants, makes API keys and gives roles up to this one.",
        "テナントを接続し、API キーを作成し、この役割までの権限を付与します。",
    ),
    app_role="Kanri.Admin",
    extends=("operator", "analyst", "auditor"),
)
