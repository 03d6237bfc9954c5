"""The tenant itself."""

from datetime import timedelta

from shared.catalog.permissions import ORGANIZATION_READ
from shared.core.collector import Collector, Column, Get
from shared.core.text import Text

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
    permissions=(ORGANIZATION_READ,),
    every=timedelta(hours=24),
)
