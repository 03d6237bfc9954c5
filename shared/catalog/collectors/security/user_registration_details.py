"""Which authentication methods each user has registered."""

from datetime import timedelta

from shared.catalog.graph_permissions import AUDIT_LOG_READ
from shared.core.collector import Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Authentication registration", "認証方法の登録"),
    docs="https://learn.microsoft.com/en-us/graph/api/authenticationmethodsroot-list-userregistrationdetails",
    # The documentation allows $filter and $orderby only: no $select, no $top. It does not tell the
    # page size either; at five requests per 10 s it matters.
    ask=Get(
        "reports/authenticationMethods/userRegistrationDetails",
        service="identity_reports",
        selects=False,
        page_size=999,
    ),
    columns=(
        Column(
            "user_principal_name", "userPrincipalName", personal=True, never_null=True, folded=True
        ),
        Column(
            "display_name",
            "userDisplayName",
            personal=True,
            search="prefix",
            never_null=True,
            collated=True,
        ),
        Column("user_type", "userType"),
        Column("is_admin", "isAdmin", "bool"),
        Column("is_mfa_capable", "isMfaCapable", "bool", never_null=True),
        Column("is_mfa_registered", "isMfaRegistered", "bool", never_null=True, counted=True),
        Column("is_passwordless_capable", "isPasswordlessCapable", "bool", never_null=True),
        Column("is_sspr_capable", "isSsprCapable", "bool", never_null=True),
        Column("is_sspr_enabled", "isSsprEnabled", "bool", never_null=True),
        Column("is_sspr_registered", "isSsprRegistered", "bool", never_null=True),
        Column(
            "is_system_preferred_authentication_method_enabled",
            "isSystemPreferredAuthenticationMethodEnabled",
            "bool",
        ),
        Column("user_preferred_method", "userPreferredMethodForSecondaryAuthentication"),
        Column("methods_registered", "methodsRegistered", "json"),
        Column("last_updated_at", "lastUpdatedDateTime", "timestamp", never_null=True),
    ),
    person=("id", "user_principal_name"),
    permissions=(AUDIT_LOG_READ,),
    every=timedelta(hours=6),
    licence="Microsoft Entra ID P1",
)
