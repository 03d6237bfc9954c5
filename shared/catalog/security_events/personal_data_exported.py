"""A file of personal data, or of the audit log."""

from shared.core.security_event import SecurityEvent
from shared.core.text import Text

EVENT = SecurityEvent(
    title=Text("Personal data exported", "個人データの出力"),
    severity="medium",
    acts=("*.export",),
    results=("done",),
)
