"""Input that does not fit, and acts that came to nothing."""

from shared.core.security_event import SecurityEvent
from shared.core.text import Text

EVENT = SecurityEvent(
    title=Text("Request failed", "要求の失敗"),
    severity="low",
    rest=True,
    breach=True,
)
