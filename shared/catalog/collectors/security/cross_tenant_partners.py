"""What is agreed with single other tenants; what is null here is as in the defaults."""

from datetime import timedelta

from shared.catalog.graph_permissions import POLICY_READ
from shared.core.collector import Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Cross-tenant access partners", "テナント間アクセスのパートナー"),
    docs="https://learn.microsoft.com/en-us/graph/api/crosstenantaccesspolicy-list-partners",
    ask=Get("policies/crossTenantAccessPolicy/partners", selects=False),
    # They have no id.
    key=("tenantId",),
    columns=(
        Column("is_service_provider", "isServiceProvider", "bool"),
        Column("is_in_multi_tenant_organization", "isInMultiTenantOrganization", "bool"),
        Column("inbound_trust", "inboundTrust", "json"),
        Column("b2b_collaboration_inbound", "b2bCollaborationInbound", "json"),
        Column("b2b_collaboration_outbound", "b2bCollaborationOutbound", "json"),
        Column("automatic_user_consent_settings", "automaticUserConsentSettings", "json"),
    ),
    permissions=(POLICY_READ,),
    every=timedelta(hours=24),
)
