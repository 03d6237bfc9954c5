"""An API key with another text."""

from shared.core.security_event import SecurityEvent
from shared.core.text import Text

EVENT = SecurityEvent(
    title=Text("API key rotated", "API キーのローテーション"),
    severity="info",
    acts=("key.rotate",),
    results=("done",),
)
