"""A tenant that is removed, or whose data is purged."""

from shared.core.security_event import SecurityEvent
from shared.core.text import Text

EVENT = SecurityEvent(
    title=Text("Tenant removed or purged", "テナントの削除"),
    severity="high",
    acts=("tenant.remove", "tenant.purge"),
    results=("done",),
)
