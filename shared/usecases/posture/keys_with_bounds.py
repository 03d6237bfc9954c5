"""A key for every tenant that is taken from anywhere is all that a thief needs."""

from collections.abc import Iterator

from shared.core.posture import Check, Finding
from shared.core.text import Text
from shared.store.registers.key_review import good_keys
from shared.usecases.deployment_view import DeploymentView


def _look(view: DeploymentView) -> Iterator[Finding]:
    keys = good_keys(view.engine, view.now)
    wide = [str(key.key_id) for key in keys if key.from_everywhere]
    if wide and not view.settings.allowed_ranges:
        why = Text(
            f"{len(wide)} API keys are for every tenant and taken from any address.",
            f"全テナントを対象とし、接続元の制限がない API キーが {len(wide)} 件あります。",
        )
        yield Finding("fail", why, tuple(wide))
    else:
        why = Text(
            "No API key for every tenant is taken from any address.",
            "全テナントを対象とする API キーには接続元の制限があります。",
        )
        yield Finding("pass", why)


CHECK = Check(
    title=Text("Wide API keys have ranges of addresses", "広範な API キーの接続元制限"),
    severity="medium",
    look=_look,
    fix=Text(
        "Make a key with ranges, or for some tenants, in its place; or set KANRI_ALLOWED_RANGES.",
        "接続元の範囲や対象テナントを限定したキーに置き換えるか、KANRI_ALLOWED_RANGES を設定してください。",
    ),
    docs="docs/security.md#limits",
)
