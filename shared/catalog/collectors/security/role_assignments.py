"""Who holds which directory role, and where."""

from datetime import timedelta

from shared.catalog.graph_permissions import ROLE_MANAGEMENT_READ
from shared.core.collector import Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Role assignments", "ロールの割り当て"),
    docs="https://learn.microsoft.com/en-us/graph/api/rbacapplication-list-roleassignments",
    ask=Get("roleManagement/directory/roleAssignments", selects=False, expand=("principal",)),
    columns=(
        Column("principal_id", "principalId"),
        Column("role_definition_id", "roleDefinitionId"),
        Column("directory_scope_id", "directoryScopeId"),
        Column("app_scope_id", "appScopeId"),
        Column("principal_type", "principal/@odata.type", never_null=True),
        Column("principal_display_name", "principal/displayName", personal=True, collated=True),
    ),
    person=("principal_id",),
    permissions=(ROLE_MANAGEMENT_READ,),
    every=timedelta(hours=6),
)
