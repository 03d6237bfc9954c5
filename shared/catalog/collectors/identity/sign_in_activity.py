"""When each user last signed in; delta does not track this, so the list is read in full."""

from datetime import timedelta

from shared.catalog.graph_permissions import AUDIT_LOG_READ, USER_READ
from shared.core.collector import Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Last sign-ins", "最終サインイン"),
    docs="https://learn.microsoft.com/en-us/graph/api/user-list",
    # Graph caps pages that hold signInActivity at 500 users.
    ask=Get("users", top=500),
    columns=(
        Column("last_sign_in_at", "signInActivity/lastSignInDateTime", "timestamp", personal=True),
        Column(
            "last_non_interactive_sign_in_at",
            "signInActivity/lastNonInteractiveSignInDateTime",
            "timestamp",
            personal=True,
        ),
        Column(
            "last_successful_sign_in_at",
            "signInActivity/lastSuccessfulSignInDateTime",
            "timestamp",
            personal=True,
        ),
    ),
    person=("id",),
    permissions=(USER_READ, AUDIT_LOG_READ),
    every=timedelta(hours=24),
    licence="Microsoft Entra ID P1",
)
