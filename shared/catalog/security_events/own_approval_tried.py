"""Somebody who would have been his own second person."""

from shared.core.security_event import SecurityEvent
from shared.core.text import Text

EVENT = SecurityEvent(
    title=Text("Approval of one's own tried", "自己承認の試行"),
    severity="high",
    results=("approval_own",),
    breach=True,
)
