"""Applications that may act in the tenant, Microsoft's and those of others included."""

from datetime import timedelta

from shared.catalog.graph_permissions import APPLICATION_READ
from shared.core.collector import Collector, Column, Delta, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Service principals", "サービス プリンシパル"),
    docs="https://learn.microsoft.com/en-us/graph/api/serviceprincipal-delta",
    ask=Get("servicePrincipals/delta", page_size=999),
    extent=Delta(),
    columns=(
        Column("app_id", "appId", search="prefix"),
        Column("display_name", "displayName", search="prefix", collated=True),
        Column("service_principal_type", "servicePrincipalType"),
        Column("account_enabled", "accountEnabled", "bool"),
        # The tenant where it is registered; null for an identity that Azure manages.
        Column("app_owner_organization_id", "appOwnerOrganizationId"),
        Column("password_credentials", "passwordCredentials", "json", never_null=True),
        Column("key_credentials", "keyCredentials", "json", never_null=True),
        Column("verified_publisher", "verifiedPublisher/displayName"),
        Column("tags", "tags", "json", never_null=True),
        Column(
            "app_role_assignment_required",
            "appRoleAssignmentRequired",
            "bool",
            never_null=True,
        ),
        # What it offers to others: the names of the ids in app role assignments.
        Column("app_roles", "appRoles", "json", never_null=True),
        Column("sign_in_audience", "signInAudience"),
        Column("is_disabled", "isDisabled", "bool"),
    ),
    permissions=(APPLICATION_READ,),
    every=timedelta(hours=6),
)
