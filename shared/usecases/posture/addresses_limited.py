"""What nobody outside the operators' own network needs to reach need not be open to the world."""

from shared.core.posture import Check
from shared.core.text import Text
from shared.usecases.set_setting import look_at_setting

CHECK = Check(
    title=Text("Callers come from known ranges", "接続元の範囲の限定"),
    severity="low",
    look=look_at_setting(
        "KANRI_ALLOWED_RANGES",
        lambda settings: len(settings.allowed_ranges),
        Text(
            "Callers may come from {number} ranges only.",
            "接続元は {number} 個の範囲に限定されています。",
        ),
        Text(
            "KANRI_ALLOWED_RANGES is empty: callers may come from anywhere.",
            "KANRI_ALLOWED_RANGES が空のため、どこからでも接続できます。",
        ),
    ),
    fix=Text(
        "Set KANRI_ALLOWED_RANGES, or limit who reaches the app in the network.",
        "KANRI_ALLOWED_RANGES を設定するか、ネットワーク側で接続元を制限してください。",
    ),
    docs="docs/security.md#limits",
)
