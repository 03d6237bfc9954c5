"""An address or a key that is shut out for guessing."""

from shared.core.security_event import SecurityEvent
from shared.core.text import Text

EVENT = SecurityEvent(
    title=Text("Blocked for guessing", "推測によるブロック"),
    severity="high",
    acts=("sign_in.block",),
    results=("done",),
    breach=True,
)
