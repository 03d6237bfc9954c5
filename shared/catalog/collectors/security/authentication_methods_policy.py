"""Which authentication methods the tenant allows, to whom. One object."""

from datetime import timedelta

from shared.core.collector import Collector, Column, Get, Permission, Single
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Authentication methods policy", "認証方法ポリシー"),
    docs="https://learn.microsoft.com/en-us/graph/api/authenticationmethodspolicy-get",
    # It takes no query options.
    ask=Get("policies/authenticationMethodsPolicy", selects=False),
    answer=Single(),
    columns=(
        Column("policy_version", "policyVersion"),
        Column("policy_migration_state", "policyMigrationState"),
        Column("last_modified_at", "lastModifiedDateTime", "timestamp"),
        Column("reconfirmation_in_days", "reconfirmationInDays", "int"),
        Column("registration_enforcement", "registrationEnforcement", "json"),
        # One for each method (Fido2, Sms ...), with its state and whom it is for.
        Column(
            "authentication_method_configurations", "authenticationMethodConfigurations", "json"
        ),
    ),
    permissions=(
        Permission(
            "Policy.Read.AuthenticationMethod",
            Text(
                "Read which authentication methods are allowed.",
                "許可されている認証方法を読み取ります。",
            ),
            covered_by=("Policy.Read.All", "Policy.ReadWrite.AuthenticationMethod"),
        ),
    ),
    every=timedelta(hours=24),
)
