"""How long a tenant's history is kept: seeing it, setting it, and holding it for a court."""

from shared.core.grant import Grant

GRANT = Grant({"read": "auditor", "write": "administrator", "hold": "administrator"})
