"""Application permissions: what Graph, Exchange and SharePoint allow whom without a signed-in user."""

from datetime import timedelta

from shared.catalog.graph_permissions import APPLICATION_READ
from shared.core.collector import Below, Collector, Column, Get
from shared.core.text import Text

# Who offers what matters; asked from this side three requests tell of every application.
_GRAPH = "00000003-0000-0000-c000-000000000000"
_EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"
_SHAREPOINT = "00000003-0000-0ff1-ce00-000000000000"

COLLECTOR = Collector(
    title=Text("Application permissions", "アプリケーションの許可"),
    docs="https://learn.microsoft.com/en-us/graph/api/serviceprincipal-list-approleassignedto",
    ask=Get("servicePrincipals/{id}/appRoleAssignedTo", selects=False, top=999),
    extent=Below(
        "service_principals", where=f"app_id IN ('{_GRAPH}', '{_EXCHANGE}', '{_SHAREPOINT}')"
    ),
    columns=(
        # Zeros: may use it, without any role.
        Column("app_role_id", "appRoleId", never_null=True),
        Column("principal_id", "principalId", search="prefix"),
        # ServicePrincipal, User or Group.
        Column("principal_type", "principalType"),
        Column("principal_display_name", "principalDisplayName", personal=True, collated=True),
        Column("resource_id", "resourceId"),
        Column("resource_display_name", "resourceDisplayName"),
        Column("created_at", "createdDateTime", "timestamp"),
    ),
    person=("principal_id",),
    permissions=(APPLICATION_READ,),
    every=timedelta(hours=24),
)
