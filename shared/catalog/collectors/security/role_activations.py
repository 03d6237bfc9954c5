"""Which directory roles are in force now, assigned or activated (PIM), and until when."""

from datetime import timedelta

from shared.core.collector import Collector, Column, Get, Permission
from shared.core.text import Text

_ROLE_ASSIGNMENT_SCHEDULE_READ = Permission(
    "RoleAssignmentSchedule.Read.Directory",
    Text(
        "Read which directory roles are activated, and until when.",
        "有効化されているディレクトリ ロールとその期限を読み取ります。",
    ),
    covered_by=(
        "RoleAssignmentSchedule.ReadWrite.Directory",
        "RoleManagement.Read.Directory",
        "RoleManagement.ReadWrite.Directory",
        "RoleManagement.Read.All",
    ),
)

COLLECTOR = Collector(
    title=Text("Role activations", "ロールの有効化"),
    docs="https://learn.microsoft.com/en-us/graph/api/rbacapplication-list-roleassignmentscheduleinstances",
    ask=Get(
        "roleManagement/directory/roleAssignmentScheduleInstances",
        selects=False,
        expand=("principal",),
    ),
    columns=(
        Column("principal_id", "principalId"),
        Column("role_definition_id", "roleDefinitionId"),
        Column("directory_scope_id", "directoryScopeId"),
        Column("app_scope_id", "appScopeId"),
        # Assigned, as role assignments tell too, or Activated.
        Column("assignment_type", "assignmentType"),
        Column("member_type", "memberType"),
        Column("started_at", "startDateTime", "timestamp"),
        # Null where it has no end.
        Column("ends_at", "endDateTime", "timestamp"),
        Column("principal_type", "principal/@odata.type"),
        Column("principal_display_name", "principal/displayName", personal=True, collated=True),
    ),
    person=("principal_id",),
    permissions=(_ROLE_ASSIGNMENT_SCHEDULE_READ,),
    # An activation lasts for hours.
    every=timedelta(hours=1),
    licence="Microsoft Entra ID P2",
)
