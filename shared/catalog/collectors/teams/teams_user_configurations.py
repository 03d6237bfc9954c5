"""Which policies of Teams each account has. Who has the global one of a type is not told to have it."""

from datetime import timedelta

from shared.core.collector import EVERY_MEMBER, Collector, Column, Get, Permission
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Teams policies of users", "ユーザーの Teams ポリシー"),
    docs="https://learn.microsoft.com/en-us/graph/api/teamsadministration-teamsadminroot-list-userconfigurations",
    ask=Get("admin/teams/userConfigurations", service="teams", headers=EVERY_MEMBER),
    columns=(
        Column(
            "user_principal_name", "userPrincipalName", personal=True, folded=True, never_null=True
        ),
        # user, guest, resourceAccount, ineligibleUser and others.
        Column("account_type", "accountType", never_null=True),
        # [{policyType, policyAssignment: {displayName, assignmentType, policyId, groupId}}]
        Column("policy_assignments", "effectivePolicyAssignments", "json"),
        Column("feature_types", "featureTypes", "json"),
        Column("is_enterprise_voice_enabled", "isEnterpriseVoiceEnabled", "bool"),
        Column("created_at", "createdDateTime", "timestamp", never_null=True),
        Column("modified_at", "modifiedDateTime", "timestamp", never_null=True),
    ),
    person=("id", "user_principal_name"),
    permissions=(
        Permission(
            "TeamsUserConfiguration.Read.All",
            Text(
                "Read which policies of Teams users have.",
                "ユーザーに割り当てられた Teams ポリシーを読み取ります。",
            ),
        ),
    ),
    every=timedelta(hours=24),
    licence="Microsoft Teams",
)
