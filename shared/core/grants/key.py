"""API keys: making, listing and revoking them."""

from shared.core.grant import Grant

GRANT = Grant({"write": "Kanri.Admin"})
