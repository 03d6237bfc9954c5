"""Whose account Microsoft Entra ID Protection takes for one that others may use."""

from datetime import timedelta

from shared.core.collector import EVERY_MEMBER, Collector, Column, Get, Permission, Versions
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Risky users", "危険なユーザー"),
    docs="https://learn.microsoft.com/en-us/graph/api/riskyuser-list",
    # Identity protection draws from the one request a second of conditional access.
    ask=Get(
        "identityProtection/riskyUsers",
        service="conditional_access",
        top=500,
        headers=EVERY_MEMBER,
    ),
    # While a risk is being calculated anew nothing has changed yet.
    keep=Versions(volatile=("isProcessing",)),
    columns=(
        Column("user_principal_name", "userPrincipalName", personal=True, folded=True),
        Column("user_display_name", "userDisplayName", personal=True, collated=True),
        Column("risk_level", "riskLevel"),
        Column("risk_state", "riskState"),
        Column("risk_detail", "riskDetail"),
        Column("risk_last_updated_at", "riskLastUpdatedDateTime", "timestamp"),
        Column("is_deleted", "isDeleted", "bool"),
        Column("is_processing", "isProcessing", "bool"),
    ),
    person=("id", "user_principal_name"),
    permissions=(
        Permission(
            "IdentityRiskyUser.Read.All",
            Text("Read which users are at risk.", "リスクのあるユーザーを読み取ります。"),
            covered_by=("IdentityRiskyUser.ReadWrite.All",),
        ),
    ),
    every=timedelta(hours=6),
    licence="Microsoft Entra ID P2",
)
