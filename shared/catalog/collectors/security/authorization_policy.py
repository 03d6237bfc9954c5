"""What users and guests may do by themselves. One object."""

from datetime import timedelta

from shared.catalog.graph_permissions import POLICY_READ
from shared.core.collector import Collector, Column, Get, Single
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Authorization policy", "承認ポリシー"),
    docs="https://learn.microsoft.com/en-us/graph/api/authorizationpolicy-get",
    ask=Get("policies/authorizationPolicy"),
    answer=Single(),
    columns=(
        Column("allow_invites_from", "allowInvitesFrom"),
        Column("allow_user_consent_for_risky_apps", "allowUserConsentForRiskyApps", "bool"),
        Column("allowed_to_use_sspr", "allowedToUseSSPR", "bool", never_null=True),
        Column("block_msol_power_shell", "blockMsolPowerShell", "bool"),
        Column("guest_user_role_id", "guestUserRoleId"),
        Column(
            "allowed_to_sign_up_email_based_subscriptions",
            "allowedToSignUpEmailBasedSubscriptions",
            "bool",
            never_null=True,
        ),
        Column(
            "default_user_role_permissions", "defaultUserRolePermissions", "json", never_null=True
        ),
    ),
    permissions=(POLICY_READ,),
    every=timedelta(hours=24),
)
