"""Approvals: seeing what waits for a second person, and being that person."""

from shared.core.grant import Grant

GRANT = Grant({"read": ("approver", "auditor"), "decide": "approver"})
