"""A second person who said no, or nobody who might have been one."""

from shared.core.security_event import SecurityEvent
from shared.core.text import Text

EVENT = SecurityEvent(
    title=Text("Approval refused", "承認の却下"),
    severity="medium",
    acts=("approval.reject",),
    results=("done",),
)
