"""The monitors that compare a tenant's configuration with a baseline, and whether they run."""

from datetime import timedelta

from shared.catalog.graph_permissions import CONFIGURATION_MONITORING
from shared.core.collector import Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Configuration monitors", "構成モニター"),
    docs="https://learn.microsoft.com/en-us/graph/api/configurationmanagement-list-configurationmonitors",
    # There are 30 at most.
    ask=Get("admin/configurationManagement/configurationMonitors", service="general"),
    columns=(
        Column("display_name", "displayName", never_null=True, collated=True),
        Column("status", "status", never_null=True),
        Column("mode", "mode", never_null=True),
        Column("run_frequency_hours", "monitorRunFrequencyInHours", "int", never_null=True),
        Column("last_modified_at", "lastModifiedDateTime", "timestamp", never_null=True),
        Column("inactivation_reason", "inactivationReason"),
    ),
    permissions=(CONFIGURATION_MONITORING,),
    every=timedelta(hours=24),
)
