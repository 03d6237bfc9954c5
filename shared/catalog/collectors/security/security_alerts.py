"""Alerts of Microsoft Defender, Entra and their like, and how they are dealt with."""

from datetime import timedelta

from shared.core.collector import EVERY_MEMBER, Collector, Column, Get, Permission, Since, Versions
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Security alerts", "セキュリティ アラート"),
    docs="https://learn.microsoft.com/en-us/graph/api/security-list-alerts_v2",
    # No $select. Without the header newer values of enumerations come as unknownFutureValue.
    ask=Get(
        "security/alerts_v2",
        service="security",
        selects=False,
        top=500,
        headers=EVERY_MEMBER,
    ),
    extent=Since("lastUpdateDateTime", initial=timedelta(days=30), look_backs=()),
    keep=Versions(closes=False),
    columns=(
        Column("title", "title"),
        Column("description", "description", personal=True, whose="anybody"),
        Column("category", "category"),
        Column("severity", "severity", never_null=True),
        Column("status", "status", never_null=True),
        Column("classification", "classification"),
        Column("determination", "determination"),
        Column("service_source", "serviceSource", never_null=True),
        Column("detection_source", "detectionSource"),
        Column("created_at", "createdDateTime", "timestamp"),
        Column("last_update_at", "lastUpdateDateTime", "timestamp"),
        Column("resolved_at", "resolvedDateTime", "timestamp"),
        Column("assigned_to", "assignedTo", personal=True, whose="itself"),
        Column("incident_id", "incidentId"),
        Column("alert_web_url", "alertWebUrl"),
        Column("recommended_actions", "recommendedActions"),
        Column("evidence", "evidence", "json", personal=True, whose="anybody"),
    ),
    permissions=(
        Permission(
            "SecurityAlert.Read.All",
            Text("Read security alerts.", "セキュリティ アラートを読み取ります。"),
            covered_by=("SecurityAlert.ReadWrite.All",),
        ),
    ),
    every=timedelta(minutes=15),
    licence="Microsoft Defender XDR",
)
