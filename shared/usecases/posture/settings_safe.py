"""Settings that are for a laptop, a sandbox or a test; an app in Azure that has one does not start."""

from collections.abc import Iterator

from shared.core.posture import Check, Finding
from shared.core.text import Text
from shared.core.unsafe_settings import found_unsafe
from shared.usecases.deployment_view import DeploymentView


def _look(view: DeploymentView) -> Iterator[Finding]:
    found = list(found_unsafe(view.settings, view.storage))
    if not found:
        yield Finding("pass", Text("No setting is unsafe.", "安全でない設定はありません。"))
        return
    said = "; ".join(f"{key}: {reason}" for key, reason in found)
    why = Text(f"Not safe in Azure: {said}.", f"Azure では安全でない設定: {said}。")
    yield Finding("fail", why, tuple(key for key, _ in found))


CHECK = Check(
    title=Text("No setting is unsafe", "設定の安全性"),
    severity="high",
    look=_look,
    fix=Text(
        "Correct the settings that are named; local.settings.sample.json says what each is for.",
        "示された設定を修正してください。各設定の説明は local.settings.sample.json にあります。",
    ),
    docs="docs/security.md#hardening",
)
