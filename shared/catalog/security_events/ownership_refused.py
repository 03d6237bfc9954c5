"""Somebody who would be the first owner, and is not."""

from shared.core.security_event import SecurityEvent
from shared.core.text import Text

EVENT = SecurityEvent(
    title=Text("Claim of ownership refused", "所有者登録の拒否"),
    severity="high",
    results=("owner_foreign", "owner_secret_unset", "owner_secret_wrong"),
    breach=True,
)
