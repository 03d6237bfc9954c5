"""Directory data crosses the network to the database; nobody may read it on the way."""

from collections.abc import Iterator

from shared.core.posture import Check, Finding
from shared.core.text import Text
from shared.store.session.connection_security import connection_security
from shared.usecases.deployment_view import DeploymentView


def _look(view: DeploymentView) -> Iterator[Finding]:
    seen = connection_security(view.engine)
    if seen.version is not None:
        why = Text(f"Sessions use {seen.version}.", f"接続は {seen.version} で暗号化されています。")
        yield Finding("pass", why)
    elif seen.local:
        why = Text(
            "Sessions do not leave this machine.", "接続はこのコンピューターの外に出ません。"
        )
        yield Finding("pass", why)
    else:
        why = Text("Sessions are not encrypted.", "接続が暗号化されていません。")
        yield Finding("fail", why, ("KANRI_DATABASE_URL",))


CHECK = Check(
    title=Text("Sessions with the database are encrypted", "データベース接続の暗号化"),
    severity="high",
    look=_look,
    fix=Text(
        "Add sslmode=verify-full to KANRI_DATABASE_URL.",
        "KANRI_DATABASE_URL に sslmode=verify-full を追加してください。",
    ),
    docs="docs/security.md#where-trust-ends",
)
