"""When each user last signed in; delta does not track this, so the list is read in full."""

from datetime import timedelta

from shared.core.collector import Collector, Column, Pages, Permission
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Last sign-ins", "最終サインイン"),
    docs="https://learn.microsoft.com/en-us/graph/api/user-list",
    shape="entity",
    request="users",
    # Graph caps pages that hold signInActivity at 500 users.
    mode=Pages(select=("id", "signInActivity"), top=500),
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
    permissions=(
        Permission(
            "User.Read.All", Text("Read the user accounts.", "ユーザー アカウントを読み取ります。")
        ),
        Permission(
            "AuditLog.Read.All",
            Text(
                "Read sign-in activity, authentication registration and audit logs.",
                "サインイン アクティビティ、認証方法の登録状況、監査ログを読み取ります。",
            ),
        ),
    ),
    every=timedelta(hours=24),
    licence="Microsoft Entra ID P1",
)
