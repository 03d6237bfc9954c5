"""A tenant that is paused is not looked at, and its data grows old."""

from collections.abc import Iterator

from shared.core.posture import Check, Finding
from shared.core.text import Text
from shared.usecases.deployment_view import DeploymentView


def _look(view: DeploymentView) -> Iterator[Finding]:
    for tenant in view.tenants:
        if tenant.state == "active":
            why = Text("It is collected from.", "収集が有効です。")
            yield Finding("pass", why, tenant_id=tenant.tenant_id)
        elif tenant.state == "paused":
            why = Text("Collecting is paused.", "収集が一時停止されています。")
            yield Finding("fail", why, tenant_id=tenant.tenant_id)


CHECK = Check(
    title=Text("Tenants are collected from", "テナントの収集状態"),
    severity="low",
    look=_look,
    fix=Text(
        "Resume it (POST /api/v1/tenants/{tenant}/resume) or remove it.",
        "再開 (POST /api/v1/tenants/{tenant}/resume) するか、削除してください。",
    ),
    docs="docs/architecture.md#when-things-go-wrong",
    of_tenants=True,
)
