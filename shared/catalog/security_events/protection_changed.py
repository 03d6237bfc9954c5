"""Where callers may come from."""

from shared.core.security_event import SecurityEvent
from shared.core.text import Text

EVENT = SecurityEvent(
    title=Text("Address lists changed", "接続元制限の変更"),
    severity="medium",
    acts=("addresses.restrict",),
    results=("done",),
)
