"""The audit log: reading and verifying it. Nobody changes it."""

from shared.core.grant import Grant

GRANT = Grant({"read": "auditor"})
