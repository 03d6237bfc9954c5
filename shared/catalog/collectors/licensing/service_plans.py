"""What each licence is made of: a row for each service plan of a product."""

from datetime import timedelta

from shared.catalog.graph_permissions import LICENSE_ASSIGNMENT_READ
from shared.core.collector import Collector, Column, Get, Listed
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Service plans of licences", "ライセンスのサービス プラン"),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/serviceplaninfo",
    ask=Get("subscribedSkus"),
    answer=Listed(each="servicePlans"),
    columns=(
        Column("sku_id", "skuId"),
        Column("sku_part_number", "skuPartNumber"),
        Column("service_plan_id", "servicePlans/servicePlanId"),
        Column("service_plan_name", "servicePlans/servicePlanName"),
        Column("provisioning_status", "servicePlans/provisioningStatus"),
        Column("applies_to", "servicePlans/appliesTo"),
    ),
    permissions=(LICENSE_ASSIGNMENT_READ,),
    every=timedelta(hours=6),
    key=("id", "servicePlans/servicePlanId"),
)
