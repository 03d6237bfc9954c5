"""What nobody outside the operators' own network needs to reach need not be open to the world."""

from collections.abc import Iterator

from shared.core.posture import Check, Finding
from shared.core.text import Text
from shared.usecases.deployment_view import DeploymentView


def _look(view: DeploymentView) -> Iterator[Finding]:
    ranges = view.settings.allowed_ranges
    if ranges:
        why = Text(
            f"Callers may come from {len(ranges)} ranges only.",
            f"接続元は {len(ranges)} 個の範囲に限定されています。",
        )
        yield Finding("pass", why)
    else:
        why = Text(
            "KANRI_ALLOWED_RANGES is empty: callers may come from anywhere.",
            "KANRI_ALLOWED_RANGES が空のため、どこからでも接続できます。",
        )
        yield Finding("fail", why, ("KANRI_ALLOWED_RANGES",))


CHECK = Check(
    title=Text("Callers come from known ranges", "接続元の範囲の限定"),
    severity="low",
    look=_look,
    fix=Text(
        "Set KANRI_ALLOWED_RANGES, or limit who reaches the app in the network.",
        "KANRI_ALLOWED_RANGES を設定するか、ネットワーク側で接続元を制限してください。",
    ),
    docs="docs/security.md#limits",
)
