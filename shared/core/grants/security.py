"""Security: its events, and the posture of Kanri itself."""

from shared.core.grant import Grant

GRANT = Grant({"read": "auditor"})
