"""Who may activate which directory role (Privileged Identity Management), and until when."""

from datetime import timedelta

from shared.catalog.permissions import ROLE_ELIGIBILITY_READ
from shared.core.collector import Collector, Column, Get
from shared.core.text import Text

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
    permissions=(ROLE_ELIGIBILITY_READ,),
    every=timedelta(hours=6),
    licence="Microsoft Entra ID P2",
)
