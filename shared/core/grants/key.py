"""API keys: seeing which there are, making and revoking them."""

from shared.core.grant import Grant

GRANT = Grant({"read": "auditor", "write": "administrator"})
