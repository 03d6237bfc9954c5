"""A page of personal data."""

from shared.core.security_event import SecurityEvent
from shared.core.text import Text

EVENT = SecurityEvent(
    title=Text("Personal data read", "個人データの閲覧"),
    severity="info",
    acts=("*.read",),
    results=("done",),
)
