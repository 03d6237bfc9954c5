"""Who may activate which directory role (Privileged Identity Management), and until when."""

from datetime import timedelta

from shared.core.collector import Collector, Column, Get, Permission
from shared.core.text import Text

_ROLE_ELIGIBILITY_READ = Permission(
    "RoleEligibilitySchedule.Read.Directory",
    Text(
        "Read who may activate a directory role.",
        "ディレクトリ ロールを有効化できる人を読み取ります。",
    ),
    covered_by=(
        "RoleEligibilitySchedule.ReadWrite.Directory",
        "RoleManagement.Read.Directory",
        "RoleManagement.ReadWrite.Directory",
        "RoleManagement.Read.All",
    ),
)

COLLECTOR = Collector(
    title=Text("Role eligibilities", "ロールの資格"),
    docs="https://learn.microsoft.com/en-us/graph/api/rbacapplication-list-roleeligibilityscheduleinstances",
    ask=Get(
        "roleManagement/directory/roleEligibilityScheduleInstances",
        selects=False,
        expand=("principal",),
    ),
    columns=(
        Column("principal_id", "principalId"),
        Column("role_definition_id", "roleDefinitionId"),
        Column("directory_scope_id", "directoryScopeId"),
        Column("app_scope_id", "appScopeId"),
        Column("member_type", "memberType"),
        Column("started_at", "startDateTime", "timestamp"),
        # Null where the eligibility has no end.
        Column("ends_at", "endDateTime", "timestamp"),
        Column("principal_type", "principal/@odata.type"),
        Column("principal_display_name", "principal/displayName", personal=True, collated=True),
    ),
    person=("principal_id",),
    permissions=(_ROLE_ELIGIBILITY_READ,),
    every=timedelta(hours=6),
    licence="Microsoft Entra ID P2",
)
