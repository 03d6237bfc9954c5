"""How people of other tenants come in, and own people go out, where nothing else is agreed. One object."""

from datetime import timedelta

from shared.catalog.graph_permissions import POLICY_READ
from shared.core.collector import Collector, Column, Get, Single
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Cross-tenant access defaults", "テナント間アクセスの既定値"),
    docs="https://learn.microsoft.com/en-us/graph/api/crosstenantaccesspolicyconfigurationdefault-get",
    ask=Get("policies/crossTenantAccessPolicy/default", selects=False),
    # Microsoft's page shows it without an id.
    answer=Single(),
    key=(),
    columns=(
        # Nobody has changed it.
        Column("is_service_default", "isServiceDefault", "bool"),
        Column("inbound_trust", "inboundTrust", "json"),
        Column("b2b_collaboration_inbound", "b2bCollaborationInbound", "json"),
        Column("b2b_collaboration_outbound", "b2bCollaborationOutbound", "json"),
        Column("b2b_direct_connect_inbound", "b2bDirectConnectInbound", "json"),
        Column("b2b_direct_connect_outbound", "b2bDirectConnectOutbound", "json"),
        Column("automatic_user_consent_settings", "automaticUserConsentSettings", "json"),
        Column("tenant_restrictions", "tenantRestrictions", "json"),
    ),
    permissions=(POLICY_READ,),
    every=timedelta(hours=24),
)
