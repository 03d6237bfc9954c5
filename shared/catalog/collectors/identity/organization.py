"""The tenant itself."""

from datetime import timedelta

from shared.core.collector import Collector, Column, Get, Permission
from shared.core.text import Text

_ORGANIZATION_READ = Permission(
    "Organization.Read.All",
    Text(
        "Read the organization and its subscriptions.",
        "組織情報とサブスクリプションを読み取ります。",
    ),
    covered_by=("Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"),
)

COLLECTOR = Collector(
    title=Text("Organization", "組織"),
    docs="https://learn.microsoft.com/en-us/graph/api/organization-list",
    ask=Get("organization"),
    columns=(
        Column("display_name", "displayName"),
        Column("country_letter_code", "countryLetterCode"),
        Column("created_at", "createdDateTime", "timestamp"),
        Column("verified_domains", "verifiedDomains", "json", never_null=True),
        Column("default_usage_location", "defaultUsageLocation"),
        Column("tenant_type", "tenantType"),
        Column("on_premises_sync_enabled", "onPremisesSyncEnabled", "bool"),
    ),
    permissions=(_ORGANIZATION_READ,),
    every=timedelta(hours=24),
)
