"""Commercial subscriptions behind the licences, with their end dates."""

from datetime import timedelta

from shared.catalog.graph_permissions import LICENSE_ASSIGNMENT_READ
from shared.core.collector import Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Subscriptions", "サブスクリプション"),
    docs="https://learn.microsoft.com/en-us/graph/api/directory-list-subscriptions",
    ask=Get("directory/subscriptions"),
    columns=(
        Column("sku_id", "skuId"),
        Column("sku_part_number", "skuPartNumber"),
        Column("status", "status"),
        Column("total_licenses", "totalLicenses", "int"),
        Column("is_trial", "isTrial", "bool"),
        Column("created_at", "createdDateTime", "timestamp"),
        Column("next_lifecycle_at", "nextLifecycleDateTime", "timestamp"),
    ),
    permissions=(LICENSE_ASSIGNMENT_READ,),
    every=timedelta(hours=6),
)
