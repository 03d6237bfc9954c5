"""Large actions take a second person only where approvals are in force."""

from collections.abc import Iterator

from shared.core.posture import Check, Finding
from shared.core.text import Text
from shared.usecases.ask_approval import in_force
from shared.usecases.deployment_view import DeploymentView


def _look(view: DeploymentView) -> Iterator[Finding]:
    mode = view.settings.approvals
    if in_force(view.engine, view.settings, view.now):
        why = Text(f"Approvals are in force ({mode}).", f"承認の仕組みが有効です ({mode})。")
        yield Finding("pass", why)
    elif mode == "off":
        why = Text("KANRI_APPROVALS is off.", "KANRI_APPROVALS が off です。")
        yield Finding("fail", why, ("KANRI_APPROVALS",))
    else:
        why = Text(
            "There is nobody who could approve of what another one asks for.",
            "承認できる人が 2 人以上いないため、承認の仕組みが働いていません。",
        )
        yield Finding("fail", why)


CHECK = Check(
    title=Text("Large actions take a second person", "大きな操作の二人承認"),
    severity="high",
    look=_look,
    fix=Text(
        "Give a second person the role approver or owner, and set KANRI_APPROVALS=on.",
        "2 人目に承認者または所有者の役割を付与し、KANRI_APPROVALS=on を設定してください。",
    ),
    docs="docs/security.md#a-second-pair-of-eyes",
)
