"""The first owner of a deployment."""

from shared.core.security_event import SecurityEvent
from shared.core.text import Text

EVENT = SecurityEvent(
    title=Text("Ownership claimed", "所有者の登録"),
    severity="high",
    acts=("owner.claim",),
    results=("done",),
)
