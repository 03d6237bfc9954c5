"""Where addresses are unknown nobody who guesses can be shut out, and no range is of use."""

from shared.core.posture import Check
from shared.core.text import Text
from shared.usecases.set_setting import look_at_setting

CHECK = Check(
    title=Text("Addresses of callers are known", "接続元アドレスの把握"),
    severity="medium",
    look=look_at_setting(
        "KANRI_TRUSTED_PROXIES",
        lambda settings: settings.trusted_proxies,
        Text(
            "{number} proxies of ours say where callers come from.",
            "信頼するプロキシ {number} 段により接続元を特定できます。",
        ),
        Text(
            "KANRI_TRUSTED_PROXIES is not set: addresses of callers are unknown.",
            "KANRI_TRUSTED_PROXIES が未設定のため、接続元を特定できません。",
        ),
    ),
    fix=Text(
        "Set KANRI_TRUSTED_PROXIES: 1 behind App Service, 2 with Front Door before it.",
        "KANRI_TRUSTED_PROXIES を設定してください (App Service のみ 1、Front Door ありは 2)。",
    ),
    docs="docs/security.md#limits",
)
