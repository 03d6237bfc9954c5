"""The secure score of each day: what the tenant has of what it could have, control by control."""

from datetime import timedelta

from shared.catalog.graph_permissions import SECURITY_EVENTS_READ
from shared.core.collector import Collector, Column, Events, Get, Since
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Secure scores", "セキュア スコア"),
    docs="https://learn.microsoft.com/en-us/graph/api/security-list-securescores",
    ask=Get("security/secureScores", service="secure_score", selects=False, top=90),
    # Ninety days are kept; one object a day, a day may be told late.
    extent=Since(initial=timedelta(days=90), overlap=timedelta(days=3), look_backs=()),
    keep=Events(),
    columns=(
        Column("created_at", "createdDateTime", "timestamp"),
        Column("current_score", "currentScore", "float"),
        Column("max_score", "maxScore", "float"),
        Column("active_user_count", "activeUserCount", "int"),
        Column("enabled_services", "enabledServices", "json"),
        # controlName, score and what Microsoft does not declare, as scoreInPercentage
        Column("control_scores", "controlScores", "json"),
        Column("average_comparative_scores", "averageComparativeScores", "json"),
    ),
    permissions=(SECURITY_EVENTS_READ,),
    every=timedelta(hours=24),
)
