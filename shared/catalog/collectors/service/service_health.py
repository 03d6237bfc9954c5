"""Health of each Microsoft 365 service with its open issues."""

from datetime import timedelta

from shared.catalog.graph_permissions import SERVICE_HEALTH_READ
from shared.core.collector import Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Service health", "サービスの正常性"),
    docs="https://learn.microsoft.com/en-us/graph/api/serviceannouncement-list-healthoverviews",
    ask=Get(
        "admin/serviceAnnouncement/healthOverviews",
        service="service_health",
        selects=False,
        expand=("issues",),
    ),
    columns=(
        Column("service", "service", never_null=True),
        Column("status", "status", never_null=True),
        Column("issues", "issues", "json"),
    ),
    permissions=(SERVICE_HEALTH_READ,),
    every=timedelta(minutes=30),
)
