"""Roles, and who has them where."""

from shared.core.security_event import SecurityEvent
from shared.core.text import Text

EVENT = SecurityEvent(
    title=Text("Rights changed", "権限の変更"),
    severity="medium",
    acts=(
        "membership.create",
        "membership.delete",
        "role.create",
        "role.change",
        "role.delete",
        "tenant.tag",
    ),
    results=("done",),
)
