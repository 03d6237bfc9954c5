"""What made Microsoft Entra ID Protection doubt a sign-in or an account, and what became of it."""

from datetime import timedelta

from shared.core.collector import EVERY_MEMBER, Collector, Column, Get, Permission, Since, Versions
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Risk detections", "リスク検出"),
    docs="https://learn.microsoft.com/en-us/graph/api/riskdetection-list",
    ask=Get(
        "identityProtection/riskDetections",
        service="conditional_access",
        top=500,
        headers=EVERY_MEMBER,
    ),
    # Detections made offline are listed hours after their time.
    extent=Since(
        "lastUpdatedDateTime",
        initial=timedelta(days=90),
        overlap=timedelta(hours=3),
        look_backs=(),
    ),
    keep=Versions(closes=False),
    columns=(
        Column("risk_event_type", "riskEventType"),
        Column("risk_level", "riskLevel"),
        Column("risk_state", "riskState"),
        Column("risk_detail", "riskDetail"),
        Column("detected_at", "detectedDateTime", "timestamp"),
        Column("activity_at", "activityDateTime", "timestamp"),
        Column("last_updated_at", "lastUpdatedDateTime", "timestamp"),
        Column("user_id", "userId"),
        Column("user_principal_name", "userPrincipalName", personal=True, folded=True),
        Column("ip_address", "ipAddress", personal=True),
        Column("location_city", "location/city", personal=True),
        Column("location_country", "location/countryOrRegion", personal=True),
        Column("detection_timing_type", "detectionTimingType"),
        Column("request_id", "requestId"),
        Column("additional_info", "additionalInfo", personal=True, whose="anybody"),
    ),
    person=("user_id", "user_principal_name"),
    permissions=(
        Permission(
            "IdentityRiskEvent.Read.All",
            Text("Read what was detected of risks.", "検出されたリスクを読み取ります。"),
            covered_by=("IdentityRiskEvent.ReadWrite.All",),
        ),
    ),
    every=timedelta(hours=1),
    licence="Microsoft Entra ID P1",
)
