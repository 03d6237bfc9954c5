"""Interactive sign-ins, the failed ones included."""

from datetime import timedelta

from shared.catalog.graph_permissions import AUDIT_LOG_READ
from shared.core.collector import EVERY_MEMBER, Collector, Column, Events, Get, Since
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Sign-ins", "サインイン"),
    docs="https://learn.microsoft.com/en-us/graph/api/signin-list",
    # Results of report-only policies, newer details of risk.
    ask=Get("auditLogs/signIns", service="identity_reports", top=1000, headers=EVERY_MEMBER),
    extent=Since(),
    keep=Events(),
    columns=(
        Column("created_at", "createdDateTime", "timestamp", never_null=True),
        Column("user_id", "userId", never_null=True, counted=True),
        Column("user_principal_name", "userPrincipalName", personal=True, folded=True),
        Column("user_display_name", "userDisplayName", personal=True, collated=True),
        Column("app_id", "appId"),
        Column("app_display_name", "appDisplayName", collated=True),
        Column("client_app_used", "clientAppUsed"),
        Column("ip_address", "ipAddress", personal=True),
        Column("city", "location/city", personal=True),
        Column("state", "location/state", personal=True),
        Column("country", "location/countryOrRegion"),
        Column("device_name", "deviceDetail/displayName", personal=True),
        Column("operating_system", "deviceDetail/operatingSystem"),
        Column("browser", "deviceDetail/browser"),
        Column("is_compliant", "deviceDetail/isCompliant", "bool"),
        Column("is_managed", "deviceDetail/isManaged", "bool"),
        Column("trust_type", "deviceDetail/trustType"),
        Column("error_code", "status/errorCode", "int", counted=True),
        Column("failure_reason", "status/failureReason"),
        Column("conditional_access_status", "conditionalAccessStatus"),
        Column("applied_policies", "appliedConditionalAccessPolicies", "json"),
        Column("risk_detail", "riskDetail"),
        Column("risk_level_aggregated", "riskLevelAggregated"),
        Column("risk_level_during_sign_in", "riskLevelDuringSignIn"),
        Column("risk_state", "riskState"),
        Column("is_interactive", "isInteractive", "bool"),
        Column("resource_display_name", "resourceDisplayName", collated=True),
    ),
    person=("user_id", "user_principal_name"),
    permissions=(AUDIT_LOG_READ,),
    every=timedelta(minutes=30),
    licence="Microsoft Entra ID P1",
)
