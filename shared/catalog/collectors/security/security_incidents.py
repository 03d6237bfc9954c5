"""Incidents of Microsoft Defender: alerts that belong together, and how they are dealt with."""

from datetime import timedelta

from shared.core.collector import EVERY_MEMBER, Collector, Column, Get, Permission, Since, Versions
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Security incidents", "セキュリティ インシデント"),
    docs="https://learn.microsoft.com/en-us/graph/api/security-list-incidents",
    # No $select; a page has fifty at most. Without the header newer states are unknownFutureValue.
    ask=Get("security/incidents", service="security", selects=False, top=50, headers=EVERY_MEMBER),
    extent=Since("lastUpdateDateTime", initial=timedelta(days=30), look_backs=()),
    keep=Versions(closes=False),
    columns=(
        Column("display_name", "displayName", personal=True, whose="anybody"),
        Column("status", "status", never_null=True),
        Column("severity", "severity", never_null=True),
        Column("classification", "classification"),
        Column("determination", "determination"),
        Column("created_at", "createdDateTime", "timestamp", never_null=True),
        Column("last_update_at", "lastUpdateDateTime", "timestamp", never_null=True),
        Column("assigned_to", "assignedTo", personal=True, whose="itself"),
        # Of a redirected one: the incident that it has become a part of.
        Column("redirect_incident_id", "redirectIncidentId"),
        Column("incident_web_url", "incidentWebUrl"),
    ),
    permissions=(
        Permission(
            "SecurityIncident.Read.All",
            Text("Read security incidents.", "セキュリティ インシデントを読み取ります。"),
            covered_by=("SecurityIncident.ReadWrite.All",),
        ),
    ),
    every=timedelta(minutes=30),
    licence="Microsoft Defender XDR",
)
