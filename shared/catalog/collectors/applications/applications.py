"""Applications that are registered in the tenant, with the ends of their credentials."""

from datetime import timedelta

from shared.catalog.graph_permissions import APPLICATION_READ
from shared.core.collector import Collector, Column, Delta, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Applications", "アプリケーション"),
    docs="https://learn.microsoft.com/en-us/graph/api/application-delta",
    ask=Get("applications/delta", page_size=999),
    extent=Delta(),
    columns=(
        # What the service principal has too, here and in other tenants.
        Column("app_id", "appId", search="prefix"),
        Column("display_name", "displayName", search="prefix", collated=True),
        Column("created_at", "createdDateTime", "timestamp"),
        Column("sign_in_audience", "signInAudience"),
        Column("publisher_domain", "publisherDomain"),
        # Secrets come without what is secret in them; the year 2299 stands for no end.
        Column("password_credentials", "passwordCredentials", "json", never_null=True),
        Column("key_credentials", "keyCredentials", "json", never_null=True),
        Column("required_resource_access", "requiredResourceAccess", "json", never_null=True),
        Column("verified_publisher", "verifiedPublisher/displayName"),
        Column("is_disabled", "isDisabled", "bool"),
        Column("disabled_by_microsoft_status", "disabledByMicrosoftStatus"),
    ),
    permissions=(APPLICATION_READ,),
    every=timedelta(hours=6),
)
