"""Keys that never end are found, and forgotten, by others."""

from collections.abc import Iterator

from shared.core.posture import Check, Finding
from shared.core.text import Text
from shared.store.registers.key_review import good_keys
from shared.usecases.deployment_view import DeploymentView


def _look(view: DeploymentView) -> Iterator[Finding]:
    endless = [str(key.key_id) for key in good_keys(view.engine, view.now) if not key.expires_at]
    if endless:
        count = len(endless)
        why = Text(f"{count} API keys never end.", f"無期限の API キーが {count} 件あります。")
        yield Finding("fail", why, tuple(endless))
    else:
        yield Finding(
            "pass", Text("Every API key ends.", "すべての API キーに有効期限があります。")
        )


CHECK = Check(
    title=Text("API keys end", "API キーの有効期限"),
    severity="medium",
    look=_look,
    fix=Text(
        "Rotate the key (POST /api/v1/keys/{id}/rotate) or revoke it: a new one always ends.",
        "キーをローテーション (POST /api/v1/keys/{id}/rotate) するか失効させてください。",
    ),
    docs="docs/security.md#who-attacks-and-how-far-he-gets",
)
