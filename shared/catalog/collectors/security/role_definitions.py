"""Directory roles, built-in and custom."""

from datetime import timedelta

from shared.catalog.graph_permissions import ROLE_MANAGEMENT_READ
from shared.core.collector import Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Role definitions", "ロール定義"),
    docs="https://learn.microsoft.com/en-us/graph/api/rbacapplication-list-roledefinitions",
    ask=Get("roleManagement/directory/roleDefinitions"),
    columns=(
        Column("display_name", "displayName", collated=True),
        Column("description", "description"),
        Column("is_built_in", "isBuiltIn", "bool"),
        Column("is_enabled", "isEnabled", "bool"),
        Column("template_id", "templateId"),
    ),
    permissions=(ROLE_MANAGEMENT_READ,),
    every=timedelta(hours=24),
)
