"""Licences that the tenant owns, with units and service plans."""

from datetime import timedelta

from shared.catalog.graph_permissions import LICENSE_ASSIGNMENT_READ
from shared.core.collector import Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Licences", "ライセンス"),
    docs="https://learn.microsoft.com/en-us/graph/api/subscribedsku-list",
    ask=Get("subscribedSkus"),
    columns=(
        Column("sku_id", "skuId"),
        Column("sku_part_number", "skuPartNumber"),
        Column("applies_to", "appliesTo"),
        Column("capability_status", "capabilityStatus"),
        Column("consumed_units", "consumedUnits", "int"),
        Column("enabled_units", "prepaidUnits/enabled", "int"),
        Column("suspended_units", "prepaidUnits/suspended", "int"),
        Column("warning_units", "prepaidUnits/warning", "int"),
        Column("locked_out_units", "prepaidUnits/lockedOut", "int"),
        Column("service_plans", "servicePlans", "json", never_null=True),
    ),
    permissions=(LICENSE_ASSIGNMENT_READ,),
    every=timedelta(hours=6),
)
