"""User accounts of the tenant, guests included."""

from datetime import timedelta

from shared.catalog.graph_permissions import USER_READ
from shared.core.collector import Collector, Column, Delta, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Users", "ユーザー"),
    docs="https://learn.microsoft.com/en-us/graph/api/user-delta",
    ask=Get("users/delta", page_size=999),
    extent=Delta(),
    columns=(
        Column(
            "user_principal_name",
            "userPrincipalName",
            personal=True,
            search="prefix",
            never_null=True,
            folded=True,
        ),
        Column(
            "display_name",
            "displayName",
            personal=True,
            search="substring",
            never_null=True,
            collated=True,
        ),
        Column("mail", "mail", personal=True, folded=True),
        Column("given_name", "givenName", personal=True),
        Column("surname", "surname", personal=True),
        Column("job_title", "jobTitle", personal=True),
        Column("department", "department"),
        Column("office_location", "officeLocation"),
        Column("company_name", "companyName"),
        Column("employee_id", "employeeId", personal=True),
        Column("usage_location", "usageLocation"),
        Column("country", "country"),
        Column("city", "city"),
        Column("user_type", "userType", counted=True),
        Column("account_enabled", "accountEnabled", "bool", never_null=True, counted=True),
        Column("created_at", "createdDateTime", "timestamp", counted=True),
        Column("last_password_change_at", "lastPasswordChangeDateTime", "timestamp", personal=True),
        Column("on_premises_sync_enabled", "onPremisesSyncEnabled", "bool"),
        Column("preferred_language", "preferredLanguage"),
        Column("assigned_licenses", "assignedLicenses", "json", never_null=True),
        Column("external_user_state", "externalUserState"),
    ),
    person=("id",),
    permissions=(USER_READ,),
    every=timedelta(hours=1),
    notification="/users",
)
