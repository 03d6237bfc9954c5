"""Domains of the tenant, verified or not."""

from datetime import timedelta

from shared.core.collector import Collector, Column, Get, Permission
from shared.core.text import Text

_DOMAIN_READ = Permission(
    "Domain.Read.All",
    Text(
        "Read the domains of the tenant.",
        "テナントのドメインを読み取ります。",
    ),
    covered_by=("Directory.Read.All", "Directory.ReadWrite.All", "Domain.ReadWrite.All"),
)

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
    permissions=(_DOMAIN_READ,),
    every=timedelta(hours=24),
)
