"""Where addresses are unknown nobody who guesses can be shut out, and no range is of use."""

from collections.abc import Iterator

from shared.core.posture import Check, Finding
from shared.core.text import Text
from shared.usecases.deployment_view import DeploymentView


def _look(view: DeploymentView) -> Iterator[Finding]:
    proxies = view.settings.trusted_proxies
    if proxies:
        why = Text(
            f"{proxies} proxies of ours say where callers come from.",
            f"信頼するプロキシ {proxies} 段により接続元を特定できます。",
        )
        yield Finding("pass", why)
    else:
        why = Text(
            "KANRI_TRUSTED_PROXIES is not set: addresses of callers are unknown.",
            "KANRI_TRUSTED_PROXIES が未設定のため、接続元を特定できません。",
        )
        yield Finding("fail", why, ("KANRI_TRUSTED_PROXIES",))


CHECK = Check(
    title=Text("Addresses of callers are known", "接続元アドレスの把握"),
    severity="medium",
    look=_look,
    fix=Text(
        "Set KANRI_TRUSTED_PROXIES: 1 behind App Service, 2 with Front Door before it.",
        "KANRI_TRUSTED_PROXIES を設定してください (App Service のみ 1、Front Door ありは 2)。",
    ),
    docs="docs/security.md#limits",
)
