"""Conditional Access policies with their conditions and controls."""

from datetime import timedelta

from shared.catalog.graph_permissions import POLICY_READ
from shared.core.collector import EVERY_MEMBER, Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Conditional Access policies", "条件付きアクセス ポリシー"),
    docs="https://learn.microsoft.com/en-us/graph/api/conditionalaccessroot-list-policies",
    # linux, riskRemediation
    ask=Get(
        "identity/conditionalAccess/policies",
        service="conditional_access",
        headers=EVERY_MEMBER,
    ),
    columns=(
        Column("display_name", "displayName", never_null=True, collated=True),
        Column("state", "state", never_null=True),
        Column("created_at", "createdDateTime", "timestamp"),
        Column("modified_at", "modifiedDateTime", "timestamp"),
        Column("conditions", "conditions", "json", never_null=True),
        Column("grant_controls", "grantControls", "json"),
        Column("session_controls", "sessionControls", "json"),
    ),
    permissions=(POLICY_READ,),
    every=timedelta(hours=6),
    licence="Microsoft Entra ID P1",
)
