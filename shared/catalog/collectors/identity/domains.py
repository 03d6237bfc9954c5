"""Domains of the tenant, verified or not."""

from datetime import timedelta

from shared.catalog.permissions import DOMAIN_READ
from shared.core.collector import Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Domains", "ドメイン"),
    docs="https://learn.microsoft.com/en-us/graph/api/domain-list",
    ask=Get("domains"),
    columns=(
        Column("authentication_type", "authenticationType", never_null=True),
        Column("is_default", "isDefault", "bool", never_null=True),
        Column("is_initial", "isInitial", "bool", never_null=True),
        Column("is_verified", "isVerified", "bool", never_null=True),
        Column("supported_services", "supportedServices", "json", never_null=True),
    ),
    permissions=(DOMAIN_READ,),
    every=timedelta(hours=24),
)
