"""The controls that the secure score is made of: what each is worth and how to fulfil it."""

from datetime import timedelta

from shared.catalog.graph_permissions import SECURITY_EVENTS_READ
from shared.core.collector import Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Secure score controls", "セキュア スコアのコントロール"),
    docs="https://learn.microsoft.com/en-us/graph/api/security-list-securescorecontrolprofiles",
    ask=Get("security/secureScoreControlProfiles", service="secure_score", selects=False, top=999),
    # The id is the controlName of the scores.
    columns=(
        Column("title", "title"),
        Column("control_category", "controlCategory"),
        Column("service", "service"),
        Column("max_score", "maxScore", "float"),
        Column("rank", "rank", "int"),
        Column("user_impact", "userImpact"),
        Column("implementation_cost", "implementationCost"),
        Column("action_url", "actionUrl"),
        # HTML
        Column("remediation", "remediation"),
        Column("deprecated", "deprecated", "bool"),
        Column(
            "control_state_updates", "controlStateUpdates", "json", personal=True, whose="anybody"
        ),
    ),
    permissions=(SECURITY_EVENTS_READ,),
    every=timedelta(hours=24),
)
