"""Roles: looking at them, and defining the deployment's own."""

from shared.core.grant import Grant

GRANT = Grant({"read": "auditor", "write": "owner"})
