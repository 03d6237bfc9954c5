"""What was changed in the directory, and by whom."""

from datetime import timedelta

from shared.catalog.graph_permissions import AUDIT_LOG_READ
from shared.core.collector import Collector, Column, Events, Get, Since
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Directory audits", "ディレクトリ監査"),
    docs="https://learn.microsoft.com/en-us/graph/api/directoryaudit-list",
    ask=Get("auditLogs/directoryAudits", service="identity_reports", top=1000),
    extent=Since("activityDateTime"),
    keep=Events(),
    columns=(
        Column("created_at", "activityDateTime", "timestamp", never_null=True),
        Column("activity_display_name", "activityDisplayName", never_null=True),
        Column("category", "category", never_null=True),
        Column("operation_type", "operationType"),
        Column("result", "result"),
        Column("result_reason", "resultReason"),
        Column("logged_by_service", "loggedByService"),
        Column("initiated_by_user_id", "initiatedBy/user/id"),
        Column(
            "initiated_by_upn", "initiatedBy/user/userPrincipalName", personal=True, folded=True
        ),
        Column("initiated_by_app", "initiatedBy/app/displayName"),
        Column("target_resources", "targetResources", "json", personal=True, whose="anybody"),
    ),
    person=("initiated_by_user_id", "initiated_by_upn"),
    permissions=(AUDIT_LOG_READ,),
    every=timedelta(minutes=30),
)
