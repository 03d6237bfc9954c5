"""An API key that is worthless from then on."""

from shared.core.security_event import SecurityEvent
from shared.core.text import Text

EVENT = SecurityEvent(
    title=Text("API key revoked", "API キーの失効"),
    severity="medium",
    acts=("key.revoke",),
    results=("done",),
)
