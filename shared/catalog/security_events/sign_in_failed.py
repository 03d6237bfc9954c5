"""A credential that does not open."""

from shared.core.security_event import SecurityEvent
from shared.core.text import Text

EVENT = SecurityEvent(
    title=Text("Failed sign-in", "サインイン失敗"),
    severity="low",
    results=(
        "credentials_missing",
        "key_address",
        "key_elsewhere",
        "key_invalid",
        "token_expired",
        "token_foreign",
        "token_invalid",
        "token_not_accepted",
    ),
    breach=True,
)
