"""Somebody known who may not do what he asked for."""

from shared.core.security_event import SecurityEvent
from shared.core.text import Text

EVENT = SecurityEvent(
    title=Text("Access refused", "アクセス拒否"),
    severity="medium",
    results=(
        "address_not_allowed",
        "column_withheld",
        "object_withheld",
        "expiry_too_late",
        "key_everywhere",
        "paused_by_operator",
        "permission_missing",
        "ranges_too_wide",
        "scope_too_narrow",
        "tenant_forbidden",
    ),
    breach=True,
)
