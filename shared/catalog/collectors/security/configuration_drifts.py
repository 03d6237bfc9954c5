"""Where a tenant's configuration is not what a baseline says. One that was fixed is told of for 30 days."""

from datetime import timedelta

from shared.catalog.graph_permissions import CONFIGURATION_MONITORING
from shared.core.collector import Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Configuration drifts", "構成ドリフト"),
    docs="https://learn.microsoft.com/en-us/graph/api/configurationmanagement-list-configurationdrifts",
    ask=Get("admin/configurationManagement/configurationDrifts", service="general", top=999),
    columns=(
        Column("monitor_id", "monitorId", never_null=True),
        Column("resource_type", "resourceType", never_null=True),
        Column("resource_name", "baselineResourceDisplayName", never_null=True),
        Column("resource_identifier", "resourceInstanceIdentifier", "json", never_null=True),
        Column("first_reported_at", "firstReportedDateTime", "timestamp", never_null=True),
        # active or fixed.
        Column("status", "status", never_null=True),
        # [{propertyName, currentValue, desiredValue}]; it comes on $select only.
        Column("drifted_properties", "driftedProperties", "json", never_null=True),
    ),
    permissions=(CONFIGURATION_MONITORING,),
    # Monitors run every six hours.
    every=timedelta(hours=1),
)
