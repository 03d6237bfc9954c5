"""A new API key."""

from shared.core.security_event import SecurityEvent
from shared.core.text import Text

EVENT = SecurityEvent(
    title=Text("API key made", "API キーの作成"),
    severity="medium",
    acts=("key.create",),
    results=("done",),
)
