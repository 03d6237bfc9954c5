"""Incidents and advisories of Microsoft's services, and how each of them went on."""

from datetime import timedelta

from shared.catalog.graph_permissions import SERVICE_HEALTH_READ
from shared.core.collector import Collector, Column, Get, Since, Versions
from shared.core.text import Text

# As far back as Microsoft tells: the first run asks for all there is.
_ALL_THERE_IS = timedelta(days=3650)

COLLECTOR = Collector(
    title=Text("Service issues", "サービスの問題"),
    docs="https://learn.microsoft.com/en-us/graph/api/serviceannouncement-list-issues",
    ask=Get("admin/serviceAnnouncement/issues", service="service_health", selects=False, top=100),
    extent=Since("lastModifiedDateTime", initial=_ALL_THERE_IS, look_backs=()),
    # What is over leaves Microsoft's list one day, and has happened all the same.
    keep=Versions(closes=False),
    columns=(
        Column("service", "service", never_null=True),
        Column("title", "title", never_null=True),
        # incident or advisory
        Column("classification", "classification", never_null=True),
        Column("origin", "origin", never_null=True),
        Column("status", "status", never_null=True),
        Column("feature", "feature"),
        Column("feature_group", "featureGroup"),
        Column("impact_description", "impactDescription", never_null=True),
        Column("is_resolved", "isResolved", "bool", never_null=True),
        Column("started_at", "startDateTime", "timestamp", never_null=True),
        # Null while it is open.
        Column("ended_at", "endDateTime", "timestamp"),
        Column("last_modified_at", "lastModifiedDateTime", "timestamp", never_null=True),
        # What Microsoft wrote about it, as HTML.
        Column("posts", "posts", "json", never_null=True),
    ),
    permissions=(SERVICE_HEALTH_READ,),
    every=timedelta(minutes=15),
)
