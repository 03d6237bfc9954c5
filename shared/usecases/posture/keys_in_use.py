"""A key that nobody uses opens as well as any other."""

from collections.abc import Iterator
from datetime import timedelta

from shared.core.posture import Check, Finding
from shared.core.text import Text
from shared.store.registers.key_review import good_keys
from shared.usecases.deployment_view import DeploymentView

_IDLE_DAYS = 90


def _look(view: DeploymentView) -> Iterator[Finding]:
    since = view.now - timedelta(days=_IDLE_DAYS)
    keys = good_keys(view.engine, view.now)
    idle = [str(key.key_id) for key in keys if key.stirred_at < since]
    if idle:
        why = Text(
            f"{len(idle)} API keys were not used for {_IDLE_DAYS} days.",
            f"{_IDLE_DAYS} 日間使用されていない API キーが {len(idle)} 件あります。",
        )
        yield Finding("fail", why, tuple(idle))
    else:
        why = Text(
            f"Every API key was made or used within {_IDLE_DAYS} days.",
            f"すべての API キーが {_IDLE_DAYS} 日以内に作成または使用されています。",
        )
        yield Finding("pass", why)


CHECK = Check(
    title=Text("API keys are in use", "API キーの使用状況"),
    severity="medium",
    look=_look,
    fix=Text(
        "Revoke the key: DELETE /api/v1/keys/{id}.",
        "キーを失効させてください: DELETE /api/v1/keys/{id}。",
    ),
    docs="docs/security.md#who-attacks-and-how-far-he-gets",
)
